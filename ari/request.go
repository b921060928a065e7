package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the longest answer that is read: some 50,000 channels.
const maxBody = 64 << 20

// idleTimeout keeps an HTTP connection for less than Asterisk's session_keep_alive (15 s): otherwise a POST
// races the close, and nobody knows whether it was done.
const idleTimeout = 10 * time.Second

func newHTTP(cfg Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			MaxIdleConns:        cfg.MaxConns,
			MaxIdleConnsPerHost: cfg.MaxConns,
			MaxConnsPerHost:     cfg.MaxConns,
			IdleConnTimeout:     idleTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("redirected: the URL is not that of an ARI")
		},
	}
}

// call is one request before it is sent.
type call struct {
	op     string // for errors and metrics
	method string
	path   []string // unescaped segments; none may be empty
	query  url.Values
	body   any // sent as JSON
	answer any // decoded from JSON; nil: the answer is read and left
}

// escape makes one segment of a path. url.PathEscape leaves '+' alone, which Asterisk reads as a space.
func escape(segment string) string {
	if segment == "." || segment == ".." {
		return strings.ReplaceAll(segment, ".", "%2E")
	}
	return strings.ReplaceAll(url.PathEscape(segment), "+", "%2B")
}

// do sends a call and reads its answer to the end.
func (c *Conn) do(ctx context.Context, r call) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout)
	defer cancel()
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := readAll(resp.Body)
	if err != nil {
		return c.count(r, &Error{Op: r.op, Node: c.cfg.Node, Err: fmt.Errorf("reading the answer: %w", err)})
	}
	if r.answer != nil {
		if err := json.Unmarshal(data, r.answer); err != nil {
			return c.count(r, &Error{Op: r.op, Node: c.cfg.Node, Err: fmt.Errorf("answer is not what ARI says: %w", err)})
		}
	}
	return c.count(r, nil)
}

// count books the end of a call that was answered.
func (c *Conn) count(r call, err error) error {
	c.metrics.requests.WithLabelValues(c.cfg.Node, r.op, resultOf(err)).Inc()
	return err
}

// send gives the answer of a call that Asterisk took (2xx); every other end is an *Error, and is counted.
func (c *Conn) send(ctx context.Context, r call) (*http.Response, error) {
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return nil, c.count(r, &Error{Op: r.op, Node: c.cfg.Node, Err: err})
	}
	begin := time.Now()
	resp, err := c.http.Do(req)
	c.metrics.latency.WithLabelValues(c.cfg.Node, r.op).Observe(time.Since(begin).Seconds())
	if err != nil {
		var bare *url.Error // its text repeats the URL: the operation says enough
		if errors.As(err, &bare) {
			err = bare.Err
		}
		return nil, c.count(r, &Error{Op: r.op, Node: c.cfg.Node, Err: err})
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	data, _ := readAll(resp.Body) // the status says what happened; the words are a help
	return nil, c.count(r, &Error{Op: r.op, Node: c.cfg.Node, Status: resp.StatusCode, Message: c.messageOf(resp.StatusCode, data)})
}

func (c *Conn) newRequest(ctx context.Context, r call) (*http.Request, error) {
	var at strings.Builder
	at.WriteString(strings.TrimSuffix(c.cfg.URL, "/"))
	for _, s := range r.path {
		if s == "" {
			return nil, fmt.Errorf("%w: an id or name is empty", ErrInvalid)
		}
		at.WriteString("/" + escape(s))
	}
	if len(r.query) > 0 {
		at.WriteString("?" + r.query.Encode())
	}
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, at.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.SetBasicAuth(c.cfg.User, c.cfg.Password)
	return req, nil
}

// messageOf takes Asterisk's words out of an error's body, and says the remedy where they do not.
func (c *Conn) messageOf(status int, data []byte) string {
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	_ = json.Unmarshal(data, &said) // a page in HTML leaves it empty
	words := said.Message
	if words == "" {
		words = said.Error
	}
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Sprintf("user %q or its password is refused by %s: compare with ari.conf there", c.cfg.User, c.cfg.URL)
	case status == http.StatusForbidden && words == "":
		return fmt.Sprintf("user %q may not do this: is it read_only in ari.conf?", c.cfg.User)
	case words == "":
		return http.StatusText(status)
	}
	return words
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(data) > maxBody {
		err = fmt.Errorf("more than %d bytes", maxBody)
	}
	return data, err
}

// params makes a query from name and value in turn, leaving out empty values.
func params(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// seconds is a whole number of seconds, rounded up; 0 is left out.
func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return fmt.Sprint(int64((d + time.Second - 1) / time.Second))
}

// variables is the JSON body that sets a new channel's variables.
func variables(v map[string]string) any {
	if len(v) == 0 {
		return nil
	}
	return map[string]any{"variables": v}
}
