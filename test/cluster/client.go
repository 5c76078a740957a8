package cluster

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

// Connect opens a socket through the balancer.
func (c *Cluster) Connect(ctx context.Context, token string, eio int, transport string) (*socketiotest.Client, error) {
	return c.connect(ctx, c.URL, token, eio, transport)
}

// Connect opens a socket on the node itself.
func (n *Node) Connect(ctx context.Context, token string, eio int, transport string) (*socketiotest.Client, error) {
	return n.cluster.connect(ctx, n.URL, token, eio, transport)
}

func (c *Cluster) connect(ctx context.Context, address, token string, eio int, transport string) (*socketiotest.Client, error) {
	return socketiotest.Connect(ctx, socketiotest.Options{
		URL: address, Path: c.Demo.Path, EIO: eio, Transport: transport,
		Query: url.Values{"token": {token}, "app": {c.Demo.App}},
	})
}

// Host calls the host API through the balancer. body and answer may be nil.
func (c *Cluster) Host(ctx context.Context, method, path string, body, answer any) error {
	return c.host(ctx, c.URL, method, path, body, answer)
}

// Host calls the host API of the node.
func (n *Node) Host(ctx context.Context, method, path string, body, answer any) error {
	return n.cluster.host(ctx, n.URL, method, path, body, answer)
}

func (c *Cluster) host(ctx context.Context, address, method, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, address+"/v1"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.SetBasicAuth(c.Demo.Host.App, c.Demo.Host.Secret)
	request.Header.Set("Content-Type", "application/json")
	return do(request, answer)
}

// History reads a page of one of the history endpoints through the balancer.
func (c *Cluster) History(ctx context.Context, token, path string, query url.Values, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "md_pss_id "+token)
	return do(request, answer)
}

// do makes one request on a connection of its own, so that the balancer chooses a node for it.
func do(request *http.Request, answer any) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
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
