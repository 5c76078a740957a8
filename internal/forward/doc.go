// Package forward carries requests between the nodes of one installation. A client's requests may reach any node, and
// the id of its session names the one that has it, the owner. The node that gets a request of another node's session passes it
// on to the private listener of the owner:
//
//	client → entry node: engineio.Options.Forward → [Forwarder] → owner: [Handler] → engineio.Server.ServeForwarded
//
// Polls, POSTs and JSONP go as HTTP requests on kept-alive connections. A WebSocket has a connection of its own, on which
// bytes are copied without being looked at. The address of the client, Host, scheme and path come along, and are believed
// because only nodes can use the private listener: they know the secret of the cluster, or have a certificate of its
// own authority, or both.
//
// It leaves to others: which session a request belongs to and all that the protocol says about it (engineio), and which
// nodes there are ([Peers]).
package forward

import "net/http"

// Peers tells where the other nodes listen for forwarded requests. It is safe for concurrent use.
type Peers interface {
	// Address returns the host and the port of a node; false if there is no such node.
	Address(node string) (string, bool)
}

// Headers of a forwarded request. A client's own headers of these names are never passed on, and no other listener
// reads them.
const (
	headerSecret = "Parley-Cluster-Secret" //nolint:gosec // the name of a header
	headerClient = "Parley-Client"         // address and port of the client
	headerScheme = "Parley-Scheme"         // "https" if the client came by TLS
)

// releasePath is where a node asks the owner to release sessions; see [Forwarder.Release]. It is the path of no
// client. The body has one session id in each line.
const releasePath = "/"

// refused is the status for a node that does not know the secret. The transport never answers with it.
const refused = http.StatusUnauthorized
