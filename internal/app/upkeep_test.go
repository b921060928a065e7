package app

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/configs"
	"hotline/internal/config"
	"hotline/recording"
)

func TestEachKindOfRecordingIsKeptForItsOwnTime(t *testing.T) {
	const day = 24 * time.Hour
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	require.NoError(t, err)
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	unasked := func(string) (string, error) { return "", errors.New("nobody needs to be asked") }
	keep := func(r keeping, id string, age time.Duration, queueOf func(string) (string, error)) time.Duration {
		d, err := r.of(recording.Kept{ID: id, Call: "1795304700.7", At: now.Add(-age)}, now, queueOf)
		require.NoError(t, err)
		return d
	}
	cfg.Recording.Keep, cfg.Messages.Keep = 90*day, 30*day
	plain := keepRules(cfg)
	require.Equal(t, 90*day, keep(plain, "1795304700.7-r1", 400*day, unasked))
	require.Equal(t, 30*day, keep(plain, "1795304700.7-m1", 400*day, unasked))
	require.Equal(t, 30*day, keep(plain, "1795304700.7-n1", 400*day, unasked))

	q := cfg.Queues["complaint"]
	q.Recording.Keep = "60d"
	cfg.Queues["complaint"] = q
	rules := keepRules(cfg)
	of := func(queue string) func(string) (string, error) {
		return func(string) (string, error) { return queue, nil }
	}
	require.Equal(t, 90*day, keep(rules, "1795304700.7-r1", 59*day, unasked), "too young to matter")
	require.Equal(t, 60*day, keep(rules, "1795304700.7-r1", 61*day, of("complaint")))
	require.Equal(t, 90*day, keep(rules, "1795304700.7-r1", 61*day, of("consult")))
	_, err = rules.of(recording.Kept{ID: "1795304700.7-r1", Call: "1795304700.7", At: now.Add(-61 * day)}, now, unasked)
	require.Error(t, err, "it is kept until somebody knows")
}
