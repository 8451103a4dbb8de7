package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// contents are the files of the desk's directory, by name; a link has what it leads to.
func (d *desk) contents() map[string]string {
	d.t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join(d.dir, e.Name())) // nothing of a directory
		files[e.Name()] = string(text)
	}
	return files
}

func TestFault399_AReportIsNeverWrittenOverTheRecordOrTheFileThatWasPaid(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(3)
	file := d.wages(banks)
	d.expect(exitPaid, []string{"run", "-csv", file})
	d.expect(exitPaid, []string{"run", "-csv", d.file("other.csv", header+banks[0]+",9.00,bonus,\n"), "-record", filepath.Join(d.dir, "other.db")})
	link := func(make func(string, string) error, to, name string) string {
		t.Helper()
		name = filepath.Join(d.dir, name)
		if err := make(filepath.Join(d.dir, to), name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	d.file("folder-is-not-there", "")
	for name, target := range map[string]string{
		"the record":                    d.record,
		"the record, spelled otherwise": d.dir + "/./x/../payout.db",
		"a symbolic link to the record": link(os.Symlink, "payout.db", "symbolic.db"),
		"a hard link to the record":     link(os.Link, "payout.db", "hard.db"),
		"another record":                filepath.Join(d.dir, "other.db"),
		"the socket of the record":      d.record + ".sock",
		"the lock of the record":        d.record + ".lock",
		"the file":                      file,
		"a symbolic link to the file":   link(os.Symlink, "wages.csv", "symbolic.csv"),
		"a hard link to the file":       link(os.Link, "wages.csv", "hard.csv"),
		"a device":                      os.DevNull,
		"a folder":                      d.dir,
	} {
		t.Run(name, func(t *testing.T) {
			d := *d
			d.t = t
			before := d.contents()
			d.expect(exitNotSent, []string{"report", "-csv", file, "-o", target}, "-o "+target+":")
			if !maps.Equal(d.contents(), before) {
				t.Error("a file was changed or made")
			}
		})
	}
	for _, target := range []string{file, filepath.Join(d.dir, "other.csv"), filepath.Join(d.dir, "symbolic.csv")} {
		before := d.contents()
		d.expect(exitNotSent, []string{"report", "-o", target}, "the file is there and is no report")
		if !maps.Equal(d.contents(), before) {
			t.Errorf("%s: a file was changed or made", target)
		}
	}
	d.expect(exitPaid, []string{"run", "-csv", file}, "paid           3")
	d.paid(4)
}

func TestFault400_AReportThatFailsLeavesTheFileThatWasThere(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(3))
	d.expect(exitPaid, []string{"run", "-csv", file})
	kept := d.file("kept.csv", strings.Join(resultColumns, ",")+"\nof last month")
	edited := d.file("edited.csv", header+"\n")
	for _, args := range [][]string{{"-csv", "none"}, {"-csv", edited}, {"-run", "nobody"}, {"-format", "pdf"}} {
		before := d.contents()
		if o := d.payout(append([]string{"report", "-o", kept}, args...)...); o.code == exitPaid {
			t.Errorf("%v: %s", args, o.all())
		}
		if !maps.Equal(d.contents(), before) {
			t.Errorf("%v: a file was changed or made", args)
		}
	}
	if err := os.Chmod(kept, 0o644); err != nil {
		t.Fatal(err)
	}
	d.expect(exitPaid, []string{"report", "-o", kept})
	if text := d.contents()["kept.csv"]; strings.Count(text, ",paid,") != 3 {
		t.Error(text)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read who is paid: %v, %v", info.Mode(), err)
	}
	// A link stays a link.
	link := filepath.Join(d.dir, "link.csv")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	d.expect(exitPaid, []string{"report", "-format", "json", "-o", link})
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.HasPrefix(d.contents()["kept.csv"], "{") {
		t.Errorf("%v, %v, %s", info.Mode(), err, d.contents()["kept.csv"])
	}
}

func TestFault401_ARecordThatWasEmptiedPaysNobody(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(3))
	d.expect(exitPaid, []string{"run", "-csv", file})
	d.file("payout.db", "")
	for _, args := range [][]string{{"run", "-csv", file}, {"run", "-csv", file, "-run", "december"}, {"check", "-csv", file}, {"status"}, {"retry"}} {
		o := d.expect(exitUnpaid, args, "the file is empty", "look at Dwolla before you pay in another way")
		if strings.Contains(o.all(), "nothing was sent") {
			t.Errorf("%v: %s", args, o.all())
		}
	}
	d.paid(3)
	d.expect(exitNotSent, []string{"run", "-csv", file, "-record", file}, "-record "+file+": it is the file of -csv")
	d.expect(exitNotSent, []string{"check", "-csv", file, "-record", filepath.Dir(file) + "/./wages.csv"}, "it is the file of -csv")
}
