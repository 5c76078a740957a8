// Package wire is the contract with clients: the names of the events, the JSON
// shapes of requests, results and pushes, the texts of refusals and the rows of
// history over HTTP.
//
// [Decode] decodes requests. It accepts common deviations of older clients (a
// number in quotes, a flag as 1) and names the field of every other error. An
// [Encoder] converts the types of package chat into the structs that clients
// read. [Requests] and [Pushes] list all events; documentation is generated from
// them.
//
// The package contains no sockets, no HTTP and no rules. Package chat decides
// about permissions, and package delivery about the receivers of pushes.
package wire
