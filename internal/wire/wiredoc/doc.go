// Package wiredoc generates files from the contract: the AsyncAPI document
// docs/asyncapi.yaml, the tables of fields on the pages of docs/protocol, and the types of
// the web client, web/src/wire/wire.gen.ts. Its sources are the tables and types of package
// wire and their tags:
//
//	json   the field's name; omitempty: the server may omit the field
//	rule   required: a client must send the field; max=128: its maximum size in bytes
//	doc    the meaning of the field
//	shape  the types of a field whose Go type does not determine them
//
// Only tests use it: they compare the committed files with the generated ones, and write
// them with -update. Package rest generates the files from the HTTP API.
package wiredoc

//go:generate go test -count=1 . -update
