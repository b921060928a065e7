//go:build e2e

package house

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Trust takes the self-signed certificates of houses that speak HTTPS.
var Trust = &tls.Config{InsecureSkipVerify: true}

var web = http.Client{Timeout: 10 * time.Second, Transport: trusting()}

func trusting() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = Trust
	return t
}

// Get asks as nobody in particular.
func Get(url string) (body string, status int, err error) {
	req, err := request(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	resp, body, err := answer(req)
	if err != nil {
		return "", 0, err
	}
	return body, resp.StatusCode, nil
}

// As asks the server as somebody whom SignIn has let in; in is sent as JSON, and out filled from the answer, unless they
// are nil. What is not 2xx is an error.
func (h *House) As(ctx context.Context, login, method, path string, in, out any) error {
	req, err := request(ctx, method, h.URL+path, in)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", h.session(login))
	return ask(req, out)
}

// ARI asks Asterisk, past the server and the way to it. What is not 2xx is an error.
func (h *House) ARI(method, path string, out any) error {
	req, err := request(context.Background(), method, h.Asterisk.ARIURL()+path, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(h.Asterisk.ARIUser(), h.Asterisk.ARIPassword())
	return ask(req, out)
}

func request(ctx context.Context, method, url string, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err == nil && in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

func answer(req *http.Request) (resp *http.Response, body string, err error) {
	resp, err = web.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

func ask(req *http.Request, out any) error {
	resp, body, err := answer(req)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal([]byte(body), out)
}
