// Package wiredoc writes what follows from the contract: the AsyncAPI document
// docs/asyncapi.yaml, the tables of fields on the pages of docs/protocol, and the
// web client's types, web/src/wire/wire.gen.ts. All are read from the tables and
// types of package wire and their tags:
//
//	json   the field's name; omitempty: it may be missing in what the server says
//	rule   required: a client must send it; max=128: at most so many bytes
//	doc    what it means
//	shape  what a field holds whose Go type does not tell: names of types
//
// Only tests use it: they compare what is committed with what follows, and write
// it with -update. What is generated from the HTTP API is package rest's.
package wiredoc

//go:generate go test -count=1 . -update
