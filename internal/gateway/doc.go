// Package gateway is the way in for sockets: it logs them in, decodes what they
// ask, calls chat, and acknowledges.
//
// Every request is one line of a table (requests.go): its name, its class of rate
// limit, and a handler that is given the decoded payload. What comes out
// of the handler is the acknowledgement; what others hear of it goes through
// chat's events and package delivery, never from here.
//
// Rules are chat's, names and shapes wire's.
package gateway
