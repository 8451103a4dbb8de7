package model

import (
	"os"
	"path/filepath"
	"testing"
)

func TestConfigurationsThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	if _, err := Configure(filepath.Join(dir, "none.yaml")); err == nil {
		t.Error("a file that is not there is no error")
	}
	for name, text := range map[string]string{"broken": "a: [", "unknown": "package: x\noutput-options: {name-normalizer: none}\n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Configure(path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
