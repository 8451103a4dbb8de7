package main

import (
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestARunThatIsAtWorkObeysOtherCommands(t *testing.T) {
	d := newDesk(t)
	d.server.Fault("createMassPayment", dwollatest.Fault{Delay: 2 * time.Second})
	file := d.wages(d.banks(3))
	d.payout("help") // sets the variables
	var at outcome
	var program sync.WaitGroup
	program.Go(func() { at = d.start("run", "-record", d.record, "-csv", file, "-run", "november", "-size", "1") })
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(d.payout("status").out, "mass payments sending") {
			break
		}
	}
	d.expect(exitUnpaid, []string{"status"}, "payout november", "1 of 3 mass payments sending", "2 of 3 mass payments planned")
	d.expect(exitUnpaid, []string{"run", "-csv", file}, "in use by another payout program") // two do not pay at once
	d.expect(exitUnpaid, []string{"report"}, "in use by another payout program")
	d.expect(exitUnpaid, []string{"approve", "-total", "6.00"}, "is not deferred")
	d.expect(exitPaid, []string{"pause", "-by", "Jane"}, "payout november is paused")
	program.Wait()
	if at.code != exitPerson || !strings.Contains(at.out, "paid           1") {
		t.Errorf("exit code %d\n%s", at.code, at.all())
	}
	d.paid(1)
	if _, err := os.Stat(socketOf(d.record)); err == nil {
		t.Error("the socket is left")
	}
	d.server.ClearFaults()
	d.expect(exitPaid, []string{"resume", "-by", "Jane"}, "payout november is resumed")
	var listen net.ListenConfig
	left, err := listen.Listen(t.Context(), "unix", socketOf(d.record)) // by a program that was killed
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = left.Close()
	d.expect(exitPaid, []string{"run"}, "paid           3")
	d.paid(3)
}

func TestARunWhoseRecordHasTooLongAPathPaysWithoutASocket(t *testing.T) {
	d := newDesk(t)
	d.dir += strings.Repeat("/long-name-of-a-folder", 6)
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.record = d.dir + "/payout.db"
	d.expect(exitPaid, []string{"run", "-csv", d.wages(d.banks(1))}, "other commands have to wait", "paid           1")
	d.paid(1)
}

func TestFault410_AFileInThePlaceOfTheSocketIsNotRemoved(t *testing.T) {
	d := newDesk(t)
	d.file("payout.db.sock", "somebody's")
	d.expect(exitPaid, []string{"run", "-csv", d.wages(d.banks(1))}, "other commands have to wait", "paid           1")
	if got := d.contents()["payout.db.sock"]; got != "somebody's" {
		t.Errorf("the file has %q", got)
	}
}
