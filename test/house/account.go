//go:build e2e

package house

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"time"

	"hotline/desk"
	"hotline/people"
	"hotline/postgres"
)

// Enrol makes accounts as an operator does, by `hotline user`: with the role and the seat that the centre gives to the name.
func (h *House) Enrol(ctx context.Context, logins ...string) error {
	for _, login := range logins {
		password := rand.Text()
		cmd := exec.CommandContext(ctx, Binary, "user", "-c", h.Config(), login)
		cmd.Env = append(os.Environ(), "HOTLINE_PASSWORD="+password)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("hotline user %s: %w\n%s", login, err, out)
		}
		h.keep(login, password)
	}
	return nil
}

// Admit makes accounts past the program, with passwords that are quickly checked: for crowds.
func (h *House) Admit(ctx context.Context, crowd ...people.User) error {
	store, err := postgres.New(h.Postgres.DSN(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	cfg := people.DefaultConfig()
	cfg.Cost.Memory, cfg.Cost.Time = 64, 1
	door, err := people.NewDoor(store, cfg, nil, time.Now)
	if err != nil {
		return err
	}
	for _, u := range crowd {
		password := rand.Text()
		if err := door.Add(ctx, u, password, "test"); err != nil {
			return err
		}
		h.keep(u.Login, password)
	}
	return nil
}

// Agents are accounts for seats of the same names.
func Agents(seats ...string) (crowd []people.User) {
	for _, s := range seats {
		crowd = append(crowd, people.User{Login: s, Name: s, Role: people.Agent, Agent: s})
	}
	return crowd
}

func (h *House) keep(login, password string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passwords[login] = password
}

// Password is that of an account which Enrol or Admit made.
func (h *House) Password(login string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.passwords[login]
}

// SignIn gives a person's session, as the cookie says it: its name is another over HTTPS. It is asked for once: it outlives
// the server, as in a browser.
func (h *House) SignIn(ctx context.Context, login string) (cookie string, err error) {
	if c := h.session(login); c != "" {
		return c, nil
	}
	req, err := request(ctx, http.MethodPost, h.URL+"/api/session", desk.SignIn{Login: login, Password: h.Password(login)})
	if err != nil {
		return "", err
	}
	resp, body, err := answer(req)
	if err != nil {
		return "", err
	}
	for _, c := range resp.Cookies() {
		if c.Value != "" {
			cookie = c.Name + "=" + c.Value
		}
	}
	if cookie == "" {
		return "", fmt.Errorf("sign in %s: %s, without a session: %s", login, resp.Status, body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[login] = cookie
	return cookie, nil
}

func (h *House) session(login string) (cookie string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sessions[login]
}
