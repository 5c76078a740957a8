package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// PanicError is a panic of a function given to [Store.Update] or [Store.View].
type PanicError struct {
	value any
	stack []byte
}

// panicked is for where the panic is recovered: the stack still shows its place.
func panicked(v any) *PanicError { return &PanicError{v, debug.Stack()} }

// Error describes the panic without data from clients.
func (e *PanicError) Error() string { return "store: panic in a transaction: " + panicText(e.value) }

// Stack is where it happened, for the log.
func (e *PanicError) Stack() []byte { return e.stack }

// Unwrap returns the value when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// panicText keeps to the errors of the runtime and else to the type: other values
// may hold the text of a message, which does not belong in a log.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
