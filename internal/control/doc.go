// Package control carries an operator's command to the server that owns the data folder, and
// what the command prints back. It knows neither the commands nor the server: the caller of
// [Listener.Serve] runs them.
//
// The server listens on a Unix socket in the data folder, which only its user can open. The
// two sides exchange JSON values, one after the other:
//
//	client → server  Call                  the command line
//	server → client  answer                the version of the program; or it declines
//	server → client  {"out"} {"err"}       bytes for standard output and standard error
//	server → client  {"read": true}        the command wants more of standard input
//	client → server  {"in"} {"eof": true}  the next bytes of it, or its end
//	client → server  {"cancel": true}      the command is interrupted, as by Ctrl-C
//	server → client  {"exit": status}      the end
//
// If the connection ends without a cancel message, the command is interrupted, too.
package control

// version is that of the exchange. Fields may be added without a new one.
const version = 1

// Call is the command line of a client.
type Call struct {
	Version  int      `json:"version"`
	Args     []string `json:"args"`
	Folder   string   `json:"folder"`             // in which the client runs: paths among the arguments may be relative to it
	Places   []Place  `json:"places,omitempty"`   // the paths among the arguments
	Database string   `json:"database,omitempty"` // that the client was told to use, without a password
	Terminal bool     `json:"terminal,omitempty"` // standard error is one
}

// answer is the first value of the server.
type answer struct {
	Version  int    `json:"version"`
	Program  string `json:"program"`
	Declined bool   `json:"declined,omitempty"` // the command is not for this server
}

// toServer and toClient are the values after that.
type toServer struct {
	In     []byte `json:"in,omitempty"`
	EOF    bool   `json:"eof,omitempty"`
	Cancel bool   `json:"cancel,omitempty"`
}

type toClient struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Read bool   `json:"read,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}
