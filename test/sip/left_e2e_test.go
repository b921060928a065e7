//go:build e2e

package sip

import (
	"context"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A test that is over has left callers in their calls: SIPp is killed with them, and its files go, too.
func TestACallerWhoseTestIsOverLeavesNoFiles(t *testing.T) {
	nobody, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback}) // takes the call and never answers
	require.NoError(t, err)
	defer nobody.Close()
	ctx, over := context.WithCancel(t.Context())
	c, err := Call(ctx, Options{Target: nobody.LocalAddr().String(), To: "12345", From: "13800138000"})
	require.NoError(t, err)
	dir := c.sipp.dir
	require.DirExists(t, dir)
	over()
	require.NoError(t, End())
	require.NoDirExists(t, dir)
	require.Equal(t, Failed, c.ending.Way)

	t.Setenv("HOTLINE_KEEP", "1")
	ctx, over = context.WithCancel(t.Context())
	c, err = Call(ctx, Options{Target: nobody.LocalAddr().String(), To: "12345", From: "13800138000"})
	require.NoError(t, err)
	over()
	require.NoError(t, End())
	require.DirExists(t, c.sipp.dir, "it was asked for")
	require.NoError(t, os.RemoveAll(c.sipp.dir))
}
