package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"parley/socketio/socketiotest"
)

// The first start and the administration on three nodes: each request goes to another node than the
// change that it depends on.
func TestAdministration(t *testing.T) {
	mails := listenMail(t)
	c := startEmpty(t, Patient, "PARLEY_MAIL_SMTP="+mails.address, "PARLEY_MAIL_FROM=parley@example.test", "PARLEY_MAIL_TLS=none")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	ask := func(node int, method, path, token string, body, answer any) int {
		t.Helper()
		return ask(ctx, t, c.Nodes[node].URL, method, path, token, body, answer)
	}

	// Each node has printed a secret, which every node takes.
	var secrets []string
	for i, n := range c.Nodes {
		found := regexp.MustCompile(`/set-up#([\w-]+)`).FindStringSubmatch(n.Logs())
		if found == nil {
			t.Fatalf("%s has printed no link", n.Name)
		}
		secrets = append(secrets, found[1])
		if got := ask((i+1)%3, "POST", "/api/set-up/check", "", map[string]any{"secret": found[1]}, nil); got != http.StatusOK {
			t.Errorf("the secret of %s on the next node: got %d", n.Name, got)
		}
	}

	// Two browsers at the same moment, with the secrets of other nodes.
	var owners [2]struct {
		SignIn struct {
			Token   string
			Account struct{ ID string }
		}
	}
	statuses := both(func(i int) string {
		body := map[string]any{
			"secret": secrets[i+1], "organization": fmt.Sprint("Works ", i), "name": fmt.Sprint("Owner ", i), "email": fmt.Sprintf("owner%d@example.test", i),
			"password": "correct horse battery", "language": "en", "timeZone": "UTC",
		}
		return fmt.Sprint(ask(i, "POST", "/api/set-up", "", body, &owners[i]))
	})
	if statuses != [2]string{"201", "404"} && statuses != [2]string{"404", "201"} {
		t.Fatalf("set up twice at once: got %v, want 201 and 404", statuses)
	}
	owner := owners[0].SignIn
	if statuses[1] == "201" {
		owner = owners[1].SignIn
	}
	for n := range c.Nodes {
		for _, secret := range secrets {
			if got := ask(n, "POST", "/api/set-up/check", "", map[string]any{"secret": secret}, nil); got != http.StatusNotFound {
				t.Errorf("a secret after the set-up, on node %d: got %d, want 404", n, got)
			}
		}
		if got := ask(n, "GET", "/api/admin", owner.Token, nil, nil); got != http.StatusOK {
			t.Errorf("the owner on node %d: got %d", n, got)
		}
	}
	var people struct{ Items []struct{ Name string } }
	if ask(2, "GET", "/api/admin/people", owner.Token, nil, &people); len(people.Items) != 1 {
		t.Errorf("got people %v, want the owner", people.Items)
	}

	// An invitation of the first node is used on all of them, by more people than it is for.
	var invitation struct{ Link string }
	if got := ask(0, "POST", "/api/invitations", owner.Token, map[string]any{"maxUses": 4}, &invitation); got != http.StatusCreated {
		t.Fatalf("invitation: got %d", got)
	}
	_, secret, _ := strings.Cut(invitation.Link, "#")
	type signedIn struct {
		Token   string
		Account struct{ ID string }
	}
	guests, results := make([]signedIn, 9), make([]int, 9)
	var all sync.WaitGroup
	for i := range guests {
		all.Go(func() {
			body := map[string]any{"secret": secret, "name": fmt.Sprint("Person ", i), "email": fmt.Sprintf("person%d@example.test", i), "password": "correct horse battery"}
			results[i] = ask(i%3, "POST", "/api/invitations/accept", "", body, &guests[i])
		})
	}
	all.Wait()
	var joined []signedIn
	for i, got := range results {
		switch got {
		case http.StatusCreated:
			joined = append(joined, guests[i])
		case http.StatusForbidden:
		default:
			t.Errorf("invitation: got %d, want 201 or 403", got)
		}
	}
	if len(joined) != 4 {
		t.Fatalf("%d people have used an invitation for 4", len(joined))
	}
	if ask(1, "GET", "/api/admin/people", owner.Token, nil, &people); len(people.Items) != 5 {
		t.Errorf("there are %d people, want 5", len(people.Items))
	}

	t.Run("overview", func(t *testing.T) { overview(ctx, t, c, owner.Token, joined[2].Token) })

	t.Run("a role", func(t *testing.T) {
		someone := joined[0]
		for i := range 9 {
			role, want := "administrator", http.StatusOK
			if i%2 == 1 {
				role, want = "member", http.StatusForbidden
			}
			if got := ask(i%3, "PATCH", "/api/admin/people/"+someone.Account.ID, owner.Token, map[string]any{"role": role}, nil); got != http.StatusOK {
				t.Fatalf("role: got %d", got)
			}
			for n := range c.Nodes {
				if got := ask(n, "GET", "/api/admin/people", someone.Token, nil, nil); got != want {
					t.Errorf("%s of node %d on node %d: got %d, want %d", role, i%3, n, got, want)
				}
			}
		}
	})

	t.Run("sign out everywhere", func(t *testing.T) {
		someone := joined[1]
		var sockets []*socketiotest.Client
		for _, n := range c.Nodes {
			client := n.Client
			client.App, client.Path = "parley-web", "/socket.io"
			socket, err := client.Connect(ctx, someone.Token, 4, "websocket")
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			sockets = append(sockets, socket)
		}
		if got := ask(0, "DELETE", "/api/admin/people/"+someone.Account.ID+"/sessions", owner.Token, nil, nil); got != http.StatusNoContent {
			t.Fatalf("sign out: got %d", got)
		}
		for n, socket := range sockets {
			if got := ask(n, "GET", "/api/me", someone.Token, nil, nil); got != http.StatusUnauthorized {
				t.Errorf("the token on node %d: got %d, want 401", n, got)
			}
			if _, err := socket.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "logout message" }); err != nil {
				t.Errorf("the socket on node %d: %v", n, err)
			}
		}
	})

	t.Run("settings", func(t *testing.T) {
		type seen struct{ Version string }
		var first, changed seen
		ask(0, "GET", "/api/admin/settings", owner.Token, nil, &first)
		values := func(name, value string) []map[string]string {
			return []map[string]string{{"name": name, "value": value}}
		}
		body := map[string]any{"version": first.Version, "values": values("upload.max-file", "3MiB")}
		if got := ask(0, "PATCH", "/api/admin/settings", owner.Token, body, &changed); got != http.StatusOK {
			t.Fatalf("settings: got %d", got)
		}
		// An administrator on another node has seen the former settings.
		body["values"] = values("upload.max-file", "4MiB")
		if got := ask(1, "PATCH", "/api/admin/settings", owner.Token, body, nil); got != http.StatusConflict {
			t.Errorf("a change of former settings: got %d, want 409", got)
		}
		for n := range c.Nodes {
			for {
				var config struct{ Limits struct{ File int64 } }
				ask(n, "GET", "/api/config", "", nil, &config)
				if config.Limits.File == 3<<20 {
					break
				}
				if ctx.Err() != nil {
					t.Fatalf("node %d has a limit of %d bytes", n, config.Limits.File)
				}
			}
		}
	})

	t.Run("change of e-mail", func(t *testing.T) { changeEmail(ctx, t, c, mails, owner.Token) })
	t.Run("mail", func(t *testing.T) { mailOnce(ctx, t, c, mails, owner.Token) })
}

// changeEmail asks for another e-mail address on one node, and confirms it on two others at the same moment.
func changeEmail(ctx context.Context, t *testing.T, c *Cluster, mails *mailServer, owner string) {
	const email = "moved@example.test"
	body := map[string]any{"email": email, "current": "correct horse battery"}
	if got := ask(ctx, t, c.Nodes[0].URL, "POST", "/api/me/email", owner, body, nil); got != http.StatusNoContent {
		t.Fatalf("request: got %d, want 204", got)
	}
	link := regexp.MustCompile(`/confirm-email#([\w-]+)`).FindStringSubmatch(mails.wait(ctx, t, email))
	if link == nil {
		t.Fatalf("no link in the mail to %s", email)
	}
	secret := map[string]any{"secret": link[1]}
	statuses := both(func(i int) string {
		return fmt.Sprint(ask(ctx, t, c.Nodes[i+1].URL, "POST", "/api/confirm-email", "", secret, nil))
	})
	if statuses != [2]string{"204", "403"} && statuses != [2]string{"403", "204"} {
		t.Errorf("confirmed twice at once: got %v, want 204 and 403", statuses)
	}
	for n := range c.Nodes {
		for me := (struct{ Email string }{}); me.Email != email; pause(ctx, 20*time.Millisecond) {
			ask(ctx, t, c.Nodes[n].URL, "GET", "/api/me", owner, nil, &me)
			if ctx.Err() != nil {
				t.Fatalf("node %d has the address %s", n, me.Email)
			}
		}
	}
}

// overview asks one node for the figures of all while a person is connected to each of them.
func overview(ctx context.Context, t *testing.T, c *Cluster, owner, person string) {
	for n, node := range c.Nodes {
		for range n + 1 {
			client := node.Client
			client.App, client.Path = "parley-web", "/socket.io"
			socket, err := client.Connect(ctx, person, 4, "websocket")
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
		}
	}
	var o struct {
		Connections, Online, Nodes int
		DatabaseBytes              int64
		PerNode                    []struct {
			ID, Address, Version string
			Since                int64
			Answers              bool
			Connections, Online  *int
		}
		Attention []struct{ Kind, Target string }
	}
	read := func() {
		t.Helper()
		o.PerNode, o.Attention = nil, nil
		if got := ask(ctx, t, c.Nodes[1].URL, "GET", "/api/admin/overview?days=1", owner, nil, &o); got != http.StatusOK {
			t.Fatalf("overview: got %d", got)
		}
	}
	// The figures of the other nodes come with their signs of life.
	for read(); o.Connections != 6 || o.Online != 3; read() {
		pause(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			t.Fatalf("got %+v, want 6 connections on 3 nodes", o)
		}
	}
	if o.Nodes != 3 || len(o.PerNode) != 3 || o.DatabaseBytes < 1<<20 {
		t.Fatalf("got %+v", o)
	}
	var connections []int
	answers := 0
	for _, n := range o.PerNode {
		if n.ID == "" || n.Address == "" || n.Version == "" || n.Since == 0 || n.Connections == nil || n.Online == nil || *n.Online != 1 {
			t.Fatalf("got node %+v", n)
		}
		if n.Answers {
			answers++
			if *n.Connections != 2 {
				t.Errorf("the node that answers has %d connections, want 2", *n.Connections)
			}
		}
		connections = append(connections, *n.Connections)
	}
	slices.Sort(connections)
	if answers != 1 || !slices.Equal(connections, []int{1, 2, 3}) {
		t.Errorf("%d nodes answer, with %v connections; want one, and 1, 2 and 3", answers, connections)
	}
	versions := func() (found []string) {
		for _, a := range o.Attention {
			if a.Kind == "versions" {
				found = append(found, a.Target)
			}
		}
		return found
	}
	if got := versions(); got != nil {
		t.Errorf("nodes of one version need attention: %v", got)
	}
	db, err := pgx.Connect(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.WithoutCancel(ctx))
	former := o.PerNode[0].Version
	for _, version := range []string{"0-earlier", former} {
		if _, err := db.Exec(ctx, "UPDATE node SET version = $1 WHERE id = $2", version, o.PerNode[0].ID); err != nil {
			t.Fatal(err)
		}
		read()
		want := []string{"0-earlier, " + former}
		if version == former {
			want = nil
		}
		if got := versions(); !slices.Equal(got, want) {
			t.Errorf("got versions that need attention %q, want %q", got, want)
		}
	}
}

// mailOnce invites people by mail on all nodes. The mail server refuses for a while, and the node that
// has attempted to send is killed meanwhile.
func mailOnce(ctx context.Context, t *testing.T, c *Cluster, mails *mailServer, owner string) {
	invite := func(node int, email string) {
		t.Helper()
		body := map[string]any{"maxUses": 1, "email": email}
		var made struct{ Mailed bool }
		if got := ask(ctx, t, c.Nodes[node].URL, "POST", "/api/invitations", owner, body, &made); got != http.StatusCreated || !made.Mailed {
			t.Errorf("invitation on node %d: got %d, mailed %t", node, got, made.Mailed)
		}
	}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() { invite(i%3, fmt.Sprintf("first%d@example.test", i)) })
	}
	all.Wait()
	for i := range 12 {
		mails.wait(ctx, t, fmt.Sprintf("first%d@example.test", i))
	}

	mails.refuse(true)
	for i := range 6 {
		invite(i%3, fmt.Sprintf("second%d@example.test", i))
	}
	// The node that leads has tried.
	leader := 0
	for !strings.Contains(c.Nodes[leader].Logs(), "a mail could not be sent; it is tried again") {
		pause(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			t.Fatal("no node has tried to send")
		}
		leader = (leader + 1) % 3
	}
	c.Nodes[leader].Kill()
	mails.refuse(false)
	invite((leader+1)%3, "last@example.test")
	for i := range 6 {
		mails.wait(ctx, t, fmt.Sprintf("second%d@example.test", i))
	}
	mails.wait(ctx, t, "last@example.test")

	// Nothing waits any more, so nothing is sent again.
	db, err := pgx.Connect(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.WithoutCancel(ctx))
	for waiting := 1; waiting > 0; pause(ctx, 20*time.Millisecond) {
		if err := db.QueryRow(ctx, "SELECT COUNT(*) FROM mail").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Nodes[leader].Start(ctx); err != nil {
		t.Fatal(err)
	}
	mails.mu.Lock()
	defer mails.mu.Unlock()
	for to, n := range mails.taken {
		if n != 1 {
			t.Errorf("%d mails to %s, want 1", n, to)
		}
	}
}

// startEmpty runs three nodes on a database without people.
func startEmpty(t *testing.T, env ...string) *Cluster {
	t.Helper()
	return startWith(t, func(o *Options) { o.Empty = true }, env...)
}

// ask makes a request and returns the status.
func ask(ctx context.Context, t *testing.T, base, method, path, token string, body, answer any) int {
	t.Helper()
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(data))
	if err != nil {
		t.Error(err)
		return 0
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && answer != nil && response.StatusCode < 300 {
		err = json.Unmarshal(text, answer)
	}
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

// mailServer takes mail and counts it by recipient.
type mailServer struct {
	address string

	mu      sync.Mutex
	refuses bool
	taken   map[string]int
	texts   map[string]string // the latest mail, without its line breaks in quoted-printable
	changed chan struct{}     // closed when mail was taken
}

func listenMail(t *testing.T) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{address: l.Addr().String(), taken: map[string]int{}, texts: map[string]string{}, changed: make(chan struct{})}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{server: m}, nil }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close() // Serve may begin only after Close, if the test is skipped
		<-done
	})
	return m
}

func (m *mailServer) refuse(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuses = on
}

// wait waits until a mail to the address was taken, and returns its text.
func (m *mailServer) wait(ctx context.Context, t *testing.T, to string) string {
	t.Helper()
	for {
		m.mu.Lock()
		n, text, changed := m.taken[to], m.texts[to], m.changed
		m.mu.Unlock()
		if n > 0 {
			return text
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("no mail to %s", to)
		}
	}
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.refuses {
		return &smtp.SMTPError{Code: 451, Message: "try again later"}
	}
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.texts[s.to] = strings.ReplaceAll(string(text), "=\r\n", "")
	s.server.taken[s.to]++
	close(s.server.changed)
	s.server.changed = make(chan struct{})
	return nil
}
