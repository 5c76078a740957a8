// Package wire is the contract with clients: the names of the events, the JSON
// shapes of requests, results and pushes, the texts of refusals and the rows of
// history over HTTP.
//
// Requests are decoded by [Decode], which forgives what clients of several
// generations get wrong (a number in quotes, a flag as 1) and names the field
// of everything that it cannot forgive. An [Encoder] turns what package chat
// says into the structs that clients read. [Requests] and [Pushes] list all of
// it; generated documentation starts there.
//
// The package knows no sockets, no HTTP and no rules: who may do what is
// chat's, who hears of it is delivery's.
package wire
