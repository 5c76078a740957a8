package client_test

import (
	"testing"

	"go.uber.org/goleak"

	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world has the steps that only the tests of this package take.
type world struct{ *resttest.World }

func newWorld(t testing.TB, change ...func(*rest.Options)) *world {
	t.Helper()
	return &world{resttest.New(t, change...)}
}
