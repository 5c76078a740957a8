// Package config holds every option of the server in one struct.
//
// The struct's tags are the documentation: `parley serve --help`, the page
// docs/config.md and the messages about wrong values are made from them. A value comes
// from the command line, otherwise from the environment (PARLEY_…), otherwise from the
// file, otherwise it is the default. The parts of the server decide about the effect of
// an option; this package imports none of them.
package config

//go:generate go test . -run ^TestDocIsCurrent$ -update
