package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"hotline/ari"
	"hotline/centre"
	"hotline/configs"
	"hotline/internal/config"
)

// registered are the names of all metrics that a server shows sooner or later: it has no series of some before something
// happens, so they are asked of the registry, and not of a page.
func registered(t *testing.T) map[string]bool {
	t.Helper()
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	require.NoError(t, err)
	cfg.State, cfg.Softphone.Listen, cfg.Softphone.RTP, cfg.Softphone.TCP = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", false
	a := &App{log: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry(), failed: make(chan error, 1)}
	a.cfg.Store(cfg)
	a.phase.Store("starting")
	t.Cleanup(func() { require.NoError(t, a.Stop()) })
	require.NoError(t, a.startJournal(t.Context(), cfg))
	require.NoError(t, a.startPhones(t.Context(), cfg))
	ari.NewMetrics(a.registry)
	require.NoError(t, a.openRecordings(cfg, nil))
	a.centre, err = centre.New(centre.Config{
		Floor: floorConfig(cfg), Zone: cfg.Zone, Journal: a.journal, Media: noMedia{}, Logger: a.log,
	}, map[string]ari.Client{})
	require.NoError(t, err)
	a.centre.Start()
	a.onStop("centre", func(context.Context) error { a.centre.Stop(); return nil })
	require.NoError(t, a.registerFigures())
	require.NoError(t, a.startWatchdog())

	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		a.registry.Describe(descs)
	}()
	name := regexp.MustCompile(`fqName: "(hotline_\w+)"`)
	names := map[string]bool{}
	for d := range descs {
		if m := name.FindStringSubmatch(d.String()); m != nil {
			names[m[1]] = true
		}
	}
	return names
}

var metricName = regexp.MustCompile(`\bhotline_[a-z0-9_]*[a-z0-9]\b`)

// A panel or an alarm on a metric that was renamed is silent for ever, and nobody is told.
func TestEveryMetricThatHousesWatchIsThere(t *testing.T) {
	names := registered(t)
	require.Greater(t, len(names), 40, "they are found")
	for _, file := range []string{
		"configs/grafana/hotline.json", "configs/prometheus/hotline.rules.yml", "configs/prometheus/hotline.rules_test.yml",
		"docs/operations.md", "docs/figures.md",
	} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		require.NoError(t, err)
		found := metricName.FindAllString(string(text), -1)
		require.NotEmpty(t, found, file)
		for _, n := range found {
			series := n
			for _, part := range []string{"_bucket", "_sum", "_count"} { // of a histogram
				series = strings.TrimSuffix(series, part)
			}
			if !names[n] && !names[series] {
				t.Errorf("%s uses %s, which the server does not have", file, n)
			}
		}
	}
}

// Whom an alarm has sent to the board must see there what it looked at.
func TestGrafanasBoardShowsWhatEachAlarmLooksAt(t *testing.T) {
	text, err := os.ReadFile("../../configs/prometheus/hotline.rules.yml")
	require.NoError(t, err)
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &rules))
	text, err = os.ReadFile("../../configs/grafana/hotline.json")
	require.NoError(t, err)
	var board struct {
		Panels []struct {
			ID      int
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &board))
	shown, ids := map[string]bool{}, map[int]bool{}
	for _, p := range board.Panels {
		require.False(t, ids[p.ID], "two panels are %d", p.ID)
		ids[p.ID] = true
		for _, target := range p.Targets {
			for _, n := range metricName.FindAllString(target.Expr, -1) {
				shown[n] = true
			}
		}
	}
	alarms := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			alarms++
			for _, n := range metricName.FindAllString(r.Expr, -1) {
				if !shown[n] {
					t.Errorf("no panel shows %s, at which %s looks", n, r.Alert)
				}
			}
		}
	}
	require.Greater(t, alarms, 8, "they are found")
}
