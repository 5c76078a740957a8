package servertest

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests, or a mail server for one of them.
func TestMain(m *testing.M) {
	if address := os.Getenv(smtpAddress); address != "" {
		if err := serveMail(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
