//go:build e2e

package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house/seat"
)

// The page of somebody who signs out may go on, or hang: its microphone must not be open all the same.
func TestAnAgentWhoSignsOutIsOffThePhoneThoughThePageGoesOn(t *testing.T) {
	h := common(t)
	_, err := h.House.SignIn(t.Context(), "liuyang")
	require.NoError(t, err)
	p, err := seat.Attach(t.Context(), h.House, "liuyang", seat.Voice{Hz: 440}, nil)
	require.NoError(t, err)
	defer p.Close()
	alive := func() float64 {
		m, err := h.Metrics()
		require.NoError(t, err)
		return m.Value("hotline_softphone_phones_alive")
	}
	require.Eventually(t, func() bool { return alive() == 1 }, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, h.As(t.Context(), "liuyang", http.MethodDelete, "/api/session", nil, nil))
	require.Zero(t, alive(), "it is off before sign-out is answered")
	select {
	case <-p.Failed(): // it was told, too
	case <-t.Context().Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the page was not told that its phone is hung up")
	}
}
