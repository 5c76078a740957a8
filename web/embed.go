// Package web holds the web client as it is served: what `make web` builds from
// the sources beside this file into dist, which is committed so that building the
// server needs no Node.js. How it is served is left to others.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var embedded embed.FS

// FS is the built client: index.html, and below assets the files whose names
// change with their content.
var FS = must(fs.Sub(embedded, "dist"))

func must(sub fs.FS, err error) fs.FS {
	if err != nil {
		panic(err) // the folder is named above, or this would not compile
	}
	return sub
}
