package ari

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// ErrTooOld is the cause when an Asterisk is older than MinimumVersion.
var ErrTooOld = errors.New("asterisk is too old")

// Info implements AsteriskClient.
func (c *Conn) Info(ctx context.Context) (i Info, err error) {
	err = c.do(ctx, call{op: "asterisk.info", method: http.MethodGet, path: []string{"asterisk", "info"}, answer: &i})
	return i, err
}

// Ping implements AsteriskClient.
func (c *Conn) Ping(ctx context.Context) error {
	return c.do(ctx, call{op: "asterisk.ping", method: http.MethodGet, path: []string{"asterisk", "ping"}})
}

// Application implements AsteriskClient.
func (c *Conn) Application(ctx context.Context, name string) (a Application, err error) {
	err = c.do(ctx, call{op: "applications.get", method: http.MethodGet, path: []string{"applications", name}, answer: &a})
	return a, err
}

// muffle asks Asterisk not to tell the types of events that nobody listens to. It holds for the application until it is
// asked otherwise.
func (c *Conn) muffle(ctx context.Context) error {
	type kind struct {
		Type string `json:"type"`
	}
	var filter struct {
		Disallowed []kind `json:"disallowed"`
	}
	for _, t := range c.cfg.Unheard {
		filter.Disallowed = append(filter.Disallowed, kind{t})
	}
	return c.do(ctx, call{op: "applications.filter", method: http.MethodPut, path: []string{"applications", c.cfg.App, "eventFilter"}, body: filter})
}

// Modules implements AsteriskClient.
func (c *Conn) Modules(ctx context.Context) (list []Module, err error) {
	err = c.do(ctx, call{op: "asterisk.listModules", method: http.MethodGet, path: []string{"asterisk", "modules"}, answer: &list})
	return list, err
}

// HasSound implements AsteriskClient.
func (c *Conn) HasSound(ctx context.Context, id string) (bool, error) {
	err := c.do(ctx, call{op: "sounds.get", method: http.MethodGet, path: []string{"sounds", id}})
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// variable is how the value of one is answered.
type variable struct {
	Value string `json:"value"`
}

// GlobalVar implements AsteriskClient.
func (c *Conn) GlobalVar(ctx context.Context, name string) (string, error) {
	var answer variable
	err := c.do(ctx, call{op: "asterisk.getGlobalVar", method: http.MethodGet, path: []string{"asterisk", "variable"},
		query: params("variable", name), answer: &answer})
	return answer.Value, err
}

// SetGlobalVar implements AsteriskClient.
func (c *Conn) SetGlobalVar(ctx context.Context, name, value string) error {
	return c.do(ctx, call{op: "asterisk.setGlobalVar", method: http.MethodPost, path: []string{"asterisk", "variable"},
		query: params("variable", name, "value", value)})
}

// Probe asks once whether this Asterisk can be used, without taking its application: reachable, right user
// and password, new enough. Its error is fit for the person who wrote the configuration.
func (c *Conn) Probe(ctx context.Context) (Info, error) {
	info, err := c.Info(ctx)
	switch {
	case IsUnreachable(err):
		return info, fmt.Errorf("no Asterisk answers at %s (node %s): is it running, and http.conf enabled? %w", c.cfg.URL, c.cfg.Node, err)
	case IsNotFound(err):
		return info, fmt.Errorf("%s (node %s) is no ARI: the path is usually /ari, and ari.conf must say enabled=yes: %w", c.cfg.URL, c.cfg.Node, err)
	case err != nil:
		return info, err
	}
	return info, checkVersion(c.cfg.Node, info.SystemInfo.Version)
}

// checkVersion takes "22.10.1~dfsg" and "GIT-master-…"; a name without a number is trusted.
func checkVersion(node, version string) error {
	name := version
	if certified, ok := strings.CutPrefix(name, "certified"); ok { // certified-20.7-cert2, certified/18.9
		name = strings.TrimLeft(certified, "-/")
	}
	major, _, _ := strings.Cut(name, ".")
	n, err := strconv.Atoi(major)
	if err == nil && n < MinimumVersion {
		return fmt.Errorf("%w: node %s runs %s, the house needs %d or later (22 is the LTS)", ErrTooOld, node, version, MinimumVersion)
	}
	return nil
}
