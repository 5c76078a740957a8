package socketiotest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

type polling struct {
	options Options
	base    string
	client  *http.Client
	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	sid     string
	mu      sync.Mutex // one POST at a time
}

func dialPolling(ctx context.Context, o Options) (transport, error) {
	lifetime, cancel := context.WithCancel(context.WithoutCancel(ctx))
	return &polling{
		options: o,
		base:    o.endpoint("http"),
		client:  &http.Client{Transport: &http.Transport{TLSClientConfig: o.TLS}},
		ctx:     lifetime,
		cancel:  cancel,
	}, nil
}

func (p *polling) send(packet string) error {
	body := packet
	if p.options.EIO == 3 {
		body = strconv.Itoa(len(utf16.Encode([]rune(packet)))) + ":" + packet
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.do(http.MethodPost, strings.NewReader(body))
	return err
}

func (p *polling) receive() ([]string, error) {
	body, err := p.do(http.MethodGet, nil)
	if err != nil {
		return nil, err
	}
	packets, err := p.split(body)
	if err != nil {
		return nil, err
	}
	if p.sid == "" && len(packets) > 0 && strings.HasPrefix(packets[0], "0") {
		var open struct{ SID string }
		if err := json.Unmarshal([]byte(packets[0][1:]), &open); err != nil {
			return nil, err
		}
		p.sid = open.SID
		p.base += "&sid=" + url.QueryEscape(open.SID)
	}
	return packets, nil
}

func (p *polling) do(method string, body io.Reader) (string, error) {
	request, err := http.NewRequestWithContext(p.ctx, method, p.base, body)
	if err != nil {
		return "", err
	}
	for name, values := range p.options.Header {
		request.Header[name] = values
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("socketiotest: %s: %s %s", method, answer.Status, text)
	}
	return string(text), nil
}

// split takes a payload apart: by record separators in EIO 4, by lengths in
// UTF-16 units in EIO 3.
func (p *polling) split(body string) ([]string, error) {
	if p.options.EIO == 4 {
		return strings.Split(body, "\x1e"), nil
	}
	var packets []string
	units := utf16.Encode([]rune(body))
	for len(units) > 0 {
		colon := 0
		for colon < len(units) && units[colon] != ':' {
			colon++
		}
		length, err := strconv.Atoi(string(utf16.Decode(units[:colon])))
		if err != nil || colon+1+length > len(units) {
			return nil, fmt.Errorf("socketiotest: bad payload %q", body)
		}
		packets = append(packets, string(utf16.Decode(units[colon+1:colon+1+length])))
		units = units[colon+1+length:]
	}
	return packets, nil
}

func (p *polling) close() {
	p.cancel()
	p.client.CloseIdleConnections()
}
