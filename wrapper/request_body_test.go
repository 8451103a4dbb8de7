package dwolla

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// manyItems is a mass payment whose bytes are large enough to be used again.
func manyItems(name string) CreateMassPayment {
	m := massPayment(name)
	for i := range 1_000 {
		item := m.Items[0]
		item.CorrelationID = fmt.Sprintf("%s-%d", name, i)
		m.Items = append(m.Items, item)
	}
	return m
}

// A transport may answer before it has read the request. What it reads afterwards must still be that request, whatever
// was sent since.
func TestAPayloadIsNotUsedAgainBeforeItsReadersAreClosed(t *testing.T) {
	var slow []io.ReadCloser
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(req *http.Request) *http.Response {
		slow = append(slow, req.Body)
		return inMemoryAnswer(http.StatusCreated, "")
	})))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"first", "second", "third"}
	for _, name := range names {
		if _, err := client.MassPayments.Create(t.Context(), manyItems(name)); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range names {
		sent, err := io.ReadAll(slow[i])
		if err != nil || !strings.Contains(string(sent), `"`+name+`-999"`) || !strings.HasSuffix(string(sent), "}") {
			t.Errorf("%s: %d bytes, %v", name, len(sent), err)
		}
	}
	for _, body := range slow {
		for range 2 { // twice is once
			if err := body.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := client.MassPayments.Create(t.Context(), manyItems("another")); err != nil {
			t.Fatal(err)
		}
		if n, err := body.Read(make([]byte, 1)); n > 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("a closed body gave %d bytes, %v", n, err)
		}
	}
}

func TestAPayloadIsReleasedByItsLastUser(t *testing.T) {
	p := newRequestBody(make([]byte, minPooledBody))
	a, b := p.reader(), p.reader()
	p.release()
	_ = a.Close()
	if n := p.users.Load(); n != 1 {
		t.Fatalf("%d users, and one reader is open", n)
	}
	_ = b.Close()
	if n := p.users.Load(); n != 0 {
		t.Fatalf("%d users, and none is left", n)
	}
}

func TestABodyOfThousandsOfPaymentsNeedsOneAllocation(t *testing.T) {
	all := manyItems("payroll")
	for range 2 {
		all.Items = append(all.Items, all.Items...)
	}
	newRequestBody(make([]byte, 64<<10)).release() // whose memory is too small
	room := newBuffer(estimatedSize(&all))
	sent, err := appendBody(t.Context(), room, &all)
	if err != nil {
		t.Fatal(err)
	}
	if &sent[0] != &room[:1][0] {
		t.Errorf("there was room for %d bytes, and %d were needed", cap(room), len(sent))
	}
	if cap(room) > 3*len(sent) {
		t.Errorf("there was room for %d bytes, and only %d were needed", cap(room), len(sent))
	}
}

func TestTheMemoryOfALargeBodyIsUsedAgain(t *testing.T) {
	for size, want := range map[int]bool{64<<10 - 1: false, 64 << 10: true, 4 << 20: true, 4<<20 + 1: false} {
		again := false
		for range 100 { // the pool may drop what it is given
			body := newRequestBody(make([]byte, 1, size))
			body.release()
			next := newBuffer(64 << 10)[:1]
			again = again || &next[0] == &body.bytes[0]
		}
		if again != want {
			t.Errorf("%d bytes: used again: %v", size, again)
		}
	}
}

// odd is a body whose bytes could differ from one encoding to the next.
func odd() CreateTransfer {
	p := payment("rent-1")
	p.Metadata = map[string]string{"html": "<b>&amp;</b>", "z": "1", "a": "\u2028", "m": "ü", "k": "</script>"}
	return p
}

func TestFault105_ABodyHasOneEncoding(t *testing.T) {
	t.Parallel()
	first, err := wire.Marshal(odd())
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("DWOLLA_TEST_ENCODE") != "" {
		fmt.Printf("BODY %x\n", first)
		return
	}
	for range 1000 {
		again, err := wire.Marshal(odd())
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%v\n%s\n%s", err, first, again)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		other := exec.CommandContext(t.Context(), self, "-test.run=^TestFault105_")
		other.Env = append(os.Environ(), "DWOLLA_TEST_ENCODE=1", "GORACE=atexit_sleep_ms=0") // the race detector waits a second
		out, err := other.Output()
		if err != nil || !bytes.Contains(out, fmt.Appendf(nil, "BODY %x\n", first)) {
			t.Fatalf("another process encodes otherwise: %v\n%s", err, out)
		}
	}
}
