package ari_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

func TestConfigurationThatCannotWorkIsNamed(t *testing.T) {
	t.Parallel()
	good := func() ari.Config {
		c := ari.DefaultConfig()
		c.Password = "secret"
		return c
	}
	require.NoError(t, good().Validate())
	for want, spoil := range map[string]func(*ari.Config){
		"node":              func(c *ari.Config) { c.Node = "" },
		"http://HOST:PORT":  func(c *ari.Config) { c.URL = "127.0.0.1:8088" },
		"want http":         func(c *ari.Config) { c.URL = "ws://127.0.0.1:8088/ari" },
		"settings of their": func(c *ari.Config) { c.URL = "http://me:word@127.0.0.1:8088/ari" },
		"user of node":      func(c *ari.Config) { c.User = "" },
		"password of node":  func(c *ari.Config) { c.Password = "" },
		"app of node":       func(c *ari.Config) { c.App = "" },
		"comma":             func(c *ari.Config) { c.App = "a,b" },
		"request timeout":   func(c *ari.Config) { c.RequestTimeout = 0 },
		"heartbeat":         func(c *ari.Config) { c.Heartbeat = -time.Second },
		"backoff max":       func(c *ari.Config) { c.BackoffMax = time.Millisecond },
		"backlog":           func(c *ari.Config) { c.Backlog = 0 },
		"max conns":         func(c *ari.Config) { c.MaxConns = 0 },
	} {
		c := good()
		spoil(&c)
		err := c.Validate()
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "word@")
		_, err = ari.New(c, func(ari.Message) {})
		require.Error(t, err)
	}
	_, err := ari.New(good(), nil)
	require.ErrorContains(t, err, "sink")
}
