package realserver_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/realserver"
)

var errNone = errors.New("no such program")

// A fakeTest is a test of which only the end is of interest.
type fakeTest struct {
	testing.TB
	skipped, failed bool
}

func (f *fakeTest) Helper()               {}
func (f *fakeTest) Name() string          { return "TestSomething" }
func (f *fakeTest) Skipf(string, ...any)  { f.skipped = true }
func (f *fakeTest) Fatalf(string, ...any) { f.failed = true; panic(f) }

func missing(f *fakeTest) {
	defer func() { _ = recover() }()
	realserver.Missing(f, "PostgreSQL", "apt-get install postgresql", errNone)
}

func TestAMissingServerSkipsTheTest(t *testing.T) {
	t.Setenv(realserver.LogVariable, "")
	t.Setenv(realserver.RequiredVariable, "")
	f := &fakeTest{}
	missing(f)
	if !f.skipped || f.failed {
		t.Errorf("skipped %v, failed %v", f.skipped, f.failed)
	}
}

func TestAMissingServerFailsTheTestWhereServersAreRequired(t *testing.T) {
	t.Setenv(realserver.LogVariable, "")
	t.Setenv(realserver.RequiredVariable, "true")
	f := &fakeTest{}
	missing(f)
	if f.skipped || !f.failed {
		t.Errorf("skipped %v, failed %v", f.skipped, f.failed)
	}
}

func TestTheLogHasALineForEachTest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	t.Setenv(realserver.LogVariable, path)
	t.Setenv(realserver.RequiredVariable, "")
	realserver.Used(&fakeTest{}, "PostgreSQL 15.1")
	missing(&fakeTest{})
	got, err := os.ReadFile(path)
	want := "used\tPostgreSQL 15.1\tTestSomething\nmissing\tPostgreSQL (apt-get install postgresql)\tTestSomething\n"
	if err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}
