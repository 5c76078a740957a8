package engineio_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"parley/engineio"
)

// shouter answers every text in capital letters.
type shouter struct{}

func (shouter) OnOpen(s *engineio.Session) {
	s.Send(engineio.TextFrame([]byte("welcome")))
}

func (shouter) OnMessage(s *engineio.Session, data []byte, binary bool) {
	if !binary {
		s.Send(engineio.TextFrame([]byte(strings.ToUpper(string(data)))))
	}
}

func (shouter) OnClose(_ *engineio.Session, reason engineio.CloseReason) {
	fmt.Println("closed:", reason)
}

// A server, and a client that polls, packet by packet.
func Example() {
	engine := engineio.NewServer(engineio.Options{}, shouter{})
	web := httptest.NewServer(engine)
	defer web.Close()

	request := func(method, query, body string) string {
		r, err := http.NewRequest(method, web.URL+"/engine.io/?EIO=4&transport=polling"+query, strings.NewReader(body))
		if err != nil {
			return err.Error()
		}
		response, err := web.Client().Do(r)
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		b, _ := io.ReadAll(bufio.NewReader(response.Body))
		return string(b)
	}
	packets := strings.Split(request("GET", "", ""), "\x1e")
	fmt.Println(packets[0][:8], "and", packets[1])
	sid := "&sid=" + strings.Split(packets[0], `"`)[3]

	fmt.Println(request("POST", sid, "4hello"))
	fmt.Println(request("GET", sid, ""))
	fmt.Println(request("POST", sid, "1"))
	if err := engine.Shutdown(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0{"sid": and 4welcome
	// ok
	// 4HELLO
	// closed: transport close
	// ok
}

// Frames are made once for everybody that gets them.
func ExampleServer_Broadcast() {
	var engine *engineio.Server
	var everybody []*engineio.Session // guarded by a lock where sessions come and go

	frame := engineio.TextFrame([]byte("the same for all"))
	if engine != nil {
		engine.Broadcast(everybody, frame)
	}
	fmt.Println(frame.Size())
	// Output: 119
}
