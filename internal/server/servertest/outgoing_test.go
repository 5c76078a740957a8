package servertest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/webhook"
)

// posted is a request that a receiver got.
type posted struct {
	id, body  string
	signature string
	at        time.Time
}

// receiver is a system that gets events.
type receiver struct {
	*httptest.Server
	t   testing.TB
	got chan posted

	mu     sync.Mutex
	answer func(p posted) int // the status; nil: 204
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t, got: make(chan posted, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return
		}
		seconds, _ := strconv.ParseInt(q.Header.Get("webhook-timestamp"), 10, 64)
		p := posted{q.Header.Get("webhook-id"), string(body), q.Header.Get("webhook-signature"), time.Unix(seconds, 0)}
		r.mu.Lock()
		status := http.StatusNoContent
		if r.answer != nil {
			status = r.answer(p)
		}
		r.mu.Unlock()
		r.got <- p
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(fn func(p posted) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = fn
}

// next returns the next request.
func (r *receiver) next() posted {
	r.t.Helper()
	select {
	case p := <-r.got:
		return p
	case <-time.After(time.Minute):
		r.t.Fatal("no event has arrived")
		return posted{}
	}
}

// text returns the text of the message of an event.
func (p posted) text() string {
	var body struct {
		Type string
		Data struct {
			Message struct{ Msg struct{ Con string } }
		}
	}
	_ = json.Unmarshal([]byte(p.body), &body)
	return body.Type + " " + body.Data.Message.Msg.Con
}

type seenSubscription struct {
	ID, State, Failure   string
	Waiting, DeadLetters int
}

// subscribe makes a subscription, and returns it with its secret.
func (s *Server) subscribe(url string, kinds ...string) (id, secret string) {
	s.t.Helper()
	var made struct {
		Subscription seenSubscription
		Secret       string
	}
	if status := s.Host("POST", "/subscriptions", map[string]any{"url": url, "kinds": kinds}, &made); status != http.StatusCreated {
		s.t.Fatalf("subscribe: %d", status)
	}
	return made.Subscription.ID, made.Secret
}

// say sends a text from one of the people of the demo to another.
func (s *Server) say(from, to int, text string) {
	s.t.Helper()
	body := map[string]any{"from": s.Accounts[from].ID, "toAccount": s.Accounts[to].ID, "text": text}
	if status := s.Host("POST", "/messages", body, nil); status != http.StatusCreated {
		s.t.Fatalf("send: %d", status)
	}
}

func withReceivers(c *config.Config) { c.Outgoing.Networks = []string{"127.0.0.0/8"} }

func TestOutgoing(t *testing.T) {
	s := Start(t, withReceivers)
	r := newReceiver(t)
	id, secret := s.subscribe(r.URL+"/in", "message.sent")
	for _, words := range []string{"one", "two", "three"} {
		s.say(0, 1, words)
	}
	var got []string
	ids := map[string]bool{}
	for range 3 {
		p := r.next()
		got, ids[p.id] = append(got, p.text()), true
		if want := webhook.Sign([]string{secret}, p.id, p.at, []byte(p.body)); p.signature != want {
			t.Errorf("%s: the signature is %q, want %q", p.text(), p.signature, want)
		}
	}
	if want := []string{"message.sent one", "message.sent two", "message.sent three"}; !slices.Equal(got, want) || len(ids) != 3 {
		t.Errorf("got %q with %d ids, want %q", got, len(ids), want)
	}

	// During a rotation there are two signatures.
	var rotated struct{ Secret string }
	if status := s.Host("POST", "/subscriptions/"+id+"/secret", map[string]any{"overlapSeconds": 3600}, &rotated); status != http.StatusOK {
		t.Fatalf("rotate: %d", status)
	}
	if status := s.Host("POST", "/subscriptions/"+id+"/test", nil, nil); status != http.StatusNoContent {
		t.Fatalf("test: %d", status)
	}
	p := r.next()
	if want := webhook.Sign([]string{rotated.Secret, secret}, p.id, p.at, []byte(p.body)); p.signature != want || !strings.Contains(p.body, id) {
		t.Errorf("got %s with %q, want two signatures, %q", p.body, p.signature, want)
	}
}

// An event that is not accepted comes again with its id, its chat waits for it, and other receivers and chats do not.
func TestOutgoingFails(t *testing.T) {
	s := Start(t, withReceivers)
	bad, good := newReceiver(t), newReceiver(t)
	id, _ := s.subscribe(bad.URL, "message.sent")
	s.subscribe(good.URL, "message.sent")
	bad.answers(func(p posted) int {
		if strings.HasSuffix(p.text(), "refused") {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	s.say(0, 1, "refused")
	first := bad.next()
	s.say(0, 1, "behind it")
	s.say(0, 2, "elsewhere")
	for p := bad.next(); p.text() != "message.sent elsewhere"; p = bad.next() {
		if p.id != first.id { // which may come again
			t.Errorf("got %q, want the event of the other chat", p.text())
		}
	}
	var all []string
	for range 3 {
		all = append(all, good.next().text())
	}
	slices.Sort(all) // two chats are side by side
	if want := []string{"message.sent behind it", "message.sent elsewhere", "message.sent refused"}; !slices.Equal(all, want) {
		t.Errorf("the good one got %q, want %q", all, want)
	}
	state := func() seenSubscription {
		var all struct{ Items []seenSubscription }
		if status := s.Host("GET", "/subscriptions", nil, &all); status != http.StatusOK {
			t.Fatalf("list: %d", status)
		}
		return all.Items[slices.IndexFunc(all.Items, func(i seenSubscription) bool { return i.ID == id })]
	}
	for deadline := time.Now().Add(time.Minute); state().Waiting != 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("got %+v, want two events that wait", state())
		}
	}
	bad.answers(nil)
	s.Advance(time.Minute)
	s.say(0, 2, "wakes it")
	again, behind, other := 0, false, false
	for !behind || !other {
		switch p := bad.next(); p.text() {
		case "message.sent refused":
			again++
			if p.id != first.id || behind {
				t.Errorf("the repetition has the id %s, want %s; behind the next one of its chat: %t", p.id, first.id, behind)
			}
		case "message.sent behind it":
			behind = true
		case "message.sent wakes it":
			other = true
		}
	}
	if again == 0 {
		t.Error("the event that was refused did not come again")
	}
}

// Receivers in networks that are not public are refused, when the subscription is made and when a connection is.
func TestOutgoingOnlyToPublicAddresses(t *testing.T) {
	s := Start(t)
	r := newReceiver(t)
	var problem struct{ Detail string }
	for _, url := range []string{r.URL, strings.Replace(r.URL, "http:", "https:", 1), "https://localhost/"} {
		if status := s.Host("POST", "/subscriptions", map[string]any{"url": url, "kinds": []string{"message.sent"}}, &problem); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s", url, status, problem.Detail)
		}
	}
}

// What was committed before a stop arrives after the next start.
func TestOutgoingAfterAStop(t *testing.T) {
	s := Start(t, withReceivers)
	r := newReceiver(t)
	s.subscribe(r.URL, "message.sent")
	r.answers(func(posted) int { return http.StatusServiceUnavailable })
	s.say(0, 1, "before the stop")
	first := r.next()
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	r.answers(nil)
	Start(t, withReceivers, func(c *config.Config) { c.Data = s.Data() })
	for {
		p := r.next()
		if p.id != first.id {
			continue // the demo says something at its start
		}
		if p.body != first.body {
			t.Errorf("got %s, want %s", p.body, first.body)
		}
		return
	}
}

// Whoever has no socket is told of a message.
func TestOutgoingAway(t *testing.T) {
	s := Start(t, withReceivers)
	r := newReceiver(t)
	s.subscribe(r.URL, "message.away")
	s.Connect(4, "websocket", s.Accounts[1].Token)
	body := map[string]any{"from": s.Accounts[0].ID, "toGroup": s.Group.ID, "text": "who is away?"}
	if status := s.Host("POST", "/messages", body, nil); status != http.StatusCreated {
		t.Fatalf("send: %d", status)
	}
	var event struct {
		Type string
		Data struct {
			Receivers []struct {
				Account string
				Badge   int
			}
		}
	}
	p := r.next()
	if err := json.Unmarshal([]byte(p.body), &event); err != nil {
		t.Fatal(err)
	}
	if got := event.Data.Receivers; event.Type != "message.away" || len(got) != 1 || got[0].Account != string(s.Accounts[2].ID) || got[0].Badge < 1 {
		t.Errorf("got %s, want only the one who is away", p.body)
	}
}
