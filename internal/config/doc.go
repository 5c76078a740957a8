// Package config holds every option of the server in one struct.
//
// The struct's tags are the documentation: `parley serve --help`, the page
// docs/config.md and the messages of a wrong value are made from them. A value
// comes from the command line, else from the environment (PARLEY_…), else from
// the file, else it is the default. What an option means for a part of the
// server is that part's business; this package knows none of them.
package config

//go:generate go test . -run ^TestDocIsCurrent$ -update
