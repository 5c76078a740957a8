// Package store keeps what the chat knows: it is [chat.Store] in SQL.
//
// One goroutine owns the only connection that writes. It takes the functions
// that wait in [Store.Update], runs them one after the other in one
// transaction, commits once, hands their events on and then lets the callers
// go. A batch is what waited while the last commit ran. When a function fails
// after it has written, the batch begins anew with a savepoint for each.
//
//	Update ─┐                ┌ fn ┐
//	Update ─┼─▶ queue ─▶ BEGIN ─ fn ─ COMMIT ─▶ Publish ─▶ callers
//	Update ─┘                └ fn ┘
//
// Readers have connections of their own that cannot write and see a snapshot.
//
// The statements are written for SQLite and PostgreSQL alike; what differs
// between engines is in sqlite.go, and the tables are in migrations. The package
// knows no rule: who may do what is decided in package chat.
package store
