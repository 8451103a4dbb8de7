package payout

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestARecordIsMadeOnAFileSystemWithoutLinksAndNeverInThePlaceOfAnother(t *testing.T) {
	noLinks := func(string, string) error { return errors.ErrUnsupported }
	for name, link := range map[string]func(string, string) error{"links": os.Link, "no links": noLinks} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "record.db")
			for i, text := range []string{"first", "second"} {
				file := filepath.Join(t.TempDir(), "new")
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := place(file, path, link); (err == nil) != (i == 0) || err != nil && !errors.Is(err, os.ErrExist) {
					t.Errorf("the %s: %v", text, err)
				}
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != "first" {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
}
