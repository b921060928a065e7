package sandbox

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAGroupIsEndedWithTheHelpersThatOutliveTheirProgram(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `trap "" TERM; sleep 600 & exit 0`)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Run())
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, 0), "a helper lives on")
	require.NoError(t, EndGroup(cmd.Process.Pid, 20*time.Second))
	require.ErrorIs(t, syscall.Kill(-cmd.Process.Pid, 0), syscall.ESRCH)
	require.NoError(t, EndGroup(cmd.Process.Pid, 20*time.Second), "once more does no harm")
	require.Error(t, EndGroup(0, time.Second), "that would be our own")
}
