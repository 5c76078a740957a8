// Package store implements [chat.Store] in SQL.
//
// One goroutine owns the only connection that writes. It takes the functions that wait in
// [Store.Update] and runs them one after the other in one transaction. It commits once,
// publishes their events, and then lets the callers return. A batch consists of the
// functions that waited during the last commit. If a function fails after it has written,
// the batch is rolled back and runs again with a savepoint for each function.
//
//	Update ─┐                ┌ fn ┐
//	Update ─┼─▶ queue ─▶ BEGIN ─ fn ─ COMMIT ─▶ Publish ─▶ callers
//	Update ─┘                └ fn ┘
//
// Readers have connections of their own that cannot write and see a snapshot.
//
// The statements are written for SQLite and PostgreSQL. The differences between engines
// are in engine.go, sqlite.go and postgres*.go, and the tables are in migrations. The package contains no rules:
// package chat decides about permissions.
package store
