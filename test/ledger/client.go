package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"parley/socketio/socketiotest"
)

// Client is a [Server] at an address, as its people and its host system reach it. Its fields are those that `parley demo
// --json` prints.
type Client struct {
	URL, Path, App string
	HostApp        struct{ App, Secret string } `json:"host"`

	// Apart makes each HTTP request on a connection of its own, so that a balancer chooses a node for it.
	Apart bool `json:"-"`
}

var _ Server = (*Client)(nil)

// Connect opens a socket of the account that the token belongs to.
func (c *Client) Connect(ctx context.Context, token string, eio int, transport string) (*socketiotest.Client, error) {
	return socketiotest.Connect(ctx, socketiotest.Options{
		URL: c.URL, Path: c.Path, EIO: eio, Transport: transport,
		Query: url.Values{"token": {token}, "app": {c.App}},
	})
}

// Host calls the host API below /v1. body and answer may be nil.
func (c *Client) Host(ctx context.Context, method, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+"/v1"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.SetBasicAuth(c.HostApp.App, c.HostApp.Secret)
	request.Header.Set("Content-Type", "application/json")
	return c.Do(request, answer)
}

// History reads a page of one of the history endpoints.
func (c *Client) History(ctx context.Context, token, path string, query url.Values, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "md_pss_id "+token)
	return c.Do(request, answer)
}

// Do makes a request and decodes its answer, unless answer is nil. A status from 300 on is an error.
func (c *Client) Do(request *http.Request, answer any) error {
	request.Close = c.Apart
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", request.Method, request.URL.Path, response.Status, strings.TrimSpace(string(text)))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
