package model

import (
	"fmt"
	"os"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/leak"
)

func TestMain(m *testing.M) {
	if _, err := Configure("../../oapi-codegen.yaml"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(leak.Run(m))
}
