package dwolla

import (
	"os"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Run(m)) }
