package paging

import (
	"os"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
