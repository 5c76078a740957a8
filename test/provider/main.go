// Command provider is an OpenID Connect provider for tests with a browser. It prints its
// issuer, and reads lines from standard input until that ends: the ID, the secret and the
// redirect of a client. A person signs in with the name "new", "liar" or "one" and the password "the password there".
package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User         { return p[id] }
func (p people) GetUserByUsername(name string) *storage.User { return p[name] }
func (p people) ExampleClientID() string                     { return "parley" }

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

func run() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	everybody := people{}
	for _, u := range []storage.User{
		{ID: "new", FirstName: "Newly", LastName: "Hired", Email: "new@example.test", EmailVerified: true},
		{ID: "one", FirstName: "Demo", LastName: "One", Email: "one@example.test", EmailVerified: true},
		{ID: "liar", FirstName: "Says", LastName: "Two", Email: "two@example.test"},
	} {
		u.Username, u.Password = u.ID, "the password there"
		everybody[u.ID] = &u
	}
	issuer := "http://" + listener.Addr().String()
	server := &http.Server{
		Handler:           exampleop.SetupServer(issuer, storage.NewStorage(everybody), slog.New(slog.DiscardHandler), false),
		ReadHeaderTimeout: time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Println(issuer)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		client := strings.Fields(lines.Text())
		if len(client) != 3 {
			return fmt.Errorf("%q names no client, secret and redirect", lines.Text())
		}
		storage.RegisterClients(storage.WebClient(client[0], client[1], client[2]))
		fmt.Println("registered", client[0])
	}
	_ = server.Close()
	<-failed
	return nil
}
