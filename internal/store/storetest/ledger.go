package storetest

import (
	"testing"
)

func testLedger(t *testing.T, open Open) {}
