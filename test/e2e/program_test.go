//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/require"
)

// Program is another program that is signed in: it asks over HTTP what a page would ask.
type Program struct {
	t    *testing.T
	h    *House
	http http.Client
}

// Program signs in without a browser.
func (h *House) Program(t *testing.T, login string) *Program {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	p := &Program{t: t, h: h, http: http.Client{Jar: jar}}
	status, body := p.Ask("POST", "/api/session", map[string]string{"login": login, "password": h.Password(login)})
	require.Equal(t, http.StatusOK, status, body)
	return p
}

// Ask sends one request; headers come in pairs.
func (p *Program) Ask(method, path string, body any, headers ...string) (status int, answer string) {
	p.t.Helper()
	status, answer, err := p.try(method, path, body, headers...)
	require.NoError(p.t, err)
	return status, answer
}

func (p *Program) try(method, path string, body any, headers ...string) (status int, answer string, err error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, "", err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.h.URL+path, r)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// Get reads an answer into v.
func (p *Program) Get(path string, v any) error {
	status, body, err := p.try("GET", path, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, status, body)
	}
	return json.Unmarshal([]byte(body), v)
}
