package servertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"parley/internal/chat"
	"parley/internal/config"
)

// smtpAddress is the variable that makes this test program a mail server at the address.
const smtpAddress = "PARLEY_TEST_SMTP"

// serveMail is a mail server. It prints its address, and then each mail as a line of JSON. An address that
// begins with "later" is refused temporarily the first time, and one that begins with "never" permanently.
func serveMail(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	refused := map[string]bool{}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{refused: refused}, nil }))
	return s.Serve(l)
}

type mailSession struct {
	to      string
	refused map[string]bool // the addresses that were; one mail comes at a time
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "never"):
		return &smtp.SMTPError{Code: 550, Message: "no such mailbox"}
	case strings.HasPrefix(to, "later") && !s.refused[to]:
		s.refused[to] = true
		return &smtp.SMTPError{Code: 451, Message: "try again later"}
	}
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(sentMail{s.to, m.Header.Get("From"), m.Header.Get("Message-ID"), string(text)})
}

type sentMail struct{ To, From, ID, Text string }

// mailServer is a mail server in a process of its own.
type mailServer struct {
	address string
	mails   chan sentMail
	stop    func()
}

func startMail(t *testing.T, address string) *mailServer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), smtpAddress+"="+address)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("the mail server has not started: %v", cmd.Wait())
	}
	m := &mailServer{address: lines.Text(), mails: make(chan sentMail, 100)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines.Scan() {
			var sent sentMail
			if json.Unmarshal(lines.Bytes(), &sent) == nil {
				m.mails <- sent
			}
		}
	}()
	stopped := false
	m.stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill()
			<-done
			_ = cmd.Wait()
		}
	}
	t.Cleanup(m.stop)
	return m
}

// next waits for a mail.
func (m *mailServer) next(t *testing.T) sentMail {
	t.Helper()
	select {
	case sent := <-m.mails:
		return sent
	case <-time.After(time.Minute):
		t.Fatal("no mail within a minute")
		return sentMail{}
	}
}

func withMail(address string) func(*config.Config) {
	return func(c *config.Config) {
		c.Mail = config.Mail{SMTP: address, From: "parley@example.test", TLS: "none"}
		c.Auth.Passwords = true
	}
}

func addPerson(t *testing.T, s *Server, email string) {
	t.Helper()
	if _, err := s.Chat.CreateAccount(t.Context(), chat.Account{Name: "Anna Demo", Email: email}); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) forgotten(t *testing.T, email string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/sign-in/link", strings.NewReader(`{"email": "`+email+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Fatalf("link for %s: %d, want 204 whoever asks", email, answer.StatusCode)
	}
}

var linkInMail = regexp.MustCompile(`/sign-in#code=([0-9A-Z-]+)&next=password`)

// A mail that cannot be sent waits in the database, also while the server is stopped.
func TestMailSurvivesARestart(t *testing.T) {
	m := startMail(t, "127.0.0.1:0")
	m.stop()
	data := t.TempDir()
	inFolder := func(c *config.Config) { c.Data = data }
	first := Start(t, withMail(m.address), inFolder)
	addPerson(t, first, "anna@example.test")
	first.forgotten(t, "anna@example.test")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := Start(t, withMail(m.address), inFolder)
	m = startMail(t, m.address)
	second.Advance(time.Minute) // past the pause before the next attempt
	sent := m.next(t)
	link := linkInMail.FindStringSubmatch(sent.Text)
	if sent.To != "anna@example.test" || sent.From != "<parley@example.test>" || link == nil {
		t.Fatalf("got %+v, want a sign-in link for Anna", sent)
	}
	in, err := second.Chat.SignInWithCode(t.Context(), link[1], chat.Device{})
	if err != nil || in.Person.Name != "Anna Demo" {
		t.Errorf("the link signs in %v %v, want Anna", in.Person.Name, err)
	}
	if _, err := second.Chat.SignInWithCode(t.Context(), link[1], chat.Device{}); !errors.Is(err, chat.ErrInvalidCode) {
		t.Errorf("the link again: got error %v", err)
	}
}

// A temporary refusal is tried again, a permanent one is not. Neither delays other mail.
func TestMailIsTriedAgain(t *testing.T) {
	m := startMail(t, "127.0.0.1:0")
	s := Start(t, withMail(m.address))
	for _, email := range []string{"never@example.test", "later@example.test", "bob@example.test"} {
		addPerson(t, s, email)
		s.forgotten(t, email)
	}
	s.forgotten(t, "nobody@example.test")
	if sent := m.next(t); sent.To != "bob@example.test" {
		t.Errorf("first mail to %s, want Bob's", sent.To)
	}
	waitLog(t, s, "it is tried again")
	s.Advance(time.Minute)
	if sent := m.next(t); sent.To != "later@example.test" {
		t.Errorf("second mail to %s, want the one that was postponed", sent.To)
	}
	waitLog(t, s, "is given up")
	if strings.Contains(s.Log(), "code=") {
		t.Error("a link is in the log")
	}
}

// waitLog waits until the server has logged the text.
func waitLog(t *testing.T, s *Server, text string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(s.Log(), text) {
		if time.Now().After(deadline) {
			t.Fatalf("%q is not in the log", text)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// An invitation for one address is sent there, in the language of the server.
func TestInvitationByMail(t *testing.T) {
	m := startMail(t, "127.0.0.1:0")
	s := Start(t, withMail(m.address), func(c *config.Config) { c.Language = "zh" })
	made, err := s.Chat.CreateInvitation(t.Context(), chat.Actor{}, chat.NewInvitation{
		Organization: s.organization(t), Email: "erna@example.test", MaxUses: 1,
		Link: func(secret string) string { return "https://chat.example.test/invite#" + secret },
	})
	if err != nil || !made.Mailed {
		t.Fatalf("invitation: %+v %v", made, err)
	}
	if sent := m.next(t); sent.To != "erna@example.test" || !strings.Contains(sent.Text, "https://chat.example.test/invite#"+made.Secret) || !strings.Contains(sent.Text, "你受邀加入") {
		t.Errorf("got %+v, want the invitation", sent)
	}
}

func (s *Server) organization(t *testing.T) chat.OrganizationID {
	t.Helper()
	all, err := s.Chat.Organizations(t.Context(), "", 1)
	if err != nil || len(all) == 0 {
		t.Fatalf("organizations: %v %v", all, err)
	}
	return all[0].ID
}
