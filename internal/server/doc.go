// Package server puts the parts together: it is the only package that knows all
// of them. It opens the data folder, builds transport, gateway, delivery and the
// HTTP APIs on it, listens, and takes everything down again in an order in which
// nothing that was accepted is lost.
//
// It has no rule of the chat and no name that a client sees.
package server
