package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestFileShowsNeitherItsNameNorItsContent(t *testing.T) {
	file := api.File{Name: "secret-passport.png", ContentType: "image/png", Content: strings.NewReader("secret")}
	type body struct{ File api.File }
	for _, text := range append(formatted(file), fmt.Sprint(&file), fmt.Sprintf("%+v", body{file}), logged(file)) {
		if strings.Contains(text, "secret") || strings.Contains(text, "png") || !strings.Contains(text, "dwolla.File") {
			t.Errorf("shows %s", text)
		}
	}
	var content [6]byte
	if n, err := file.Content.Read(content[:]); err != nil || n != 6 {
		t.Errorf("the content was read to show it: %d bytes are left, %v", n, err)
	}
}
