//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// TestASupervisorTriesOneAgentFewer on this house's own scenario, while the server goes on.
func TestASupervisorTriesOneAgentFewer(t *testing.T) {
	h := common(t)
	for _, lang := range []string{"en", "zh"} {
		boss := h.Browse(t, 0)
		boss.SignIn("huangmei", "/staffing?lang="+lang)
		boss.See("staffing-inside")
		boss.Click("staffing-fewer-lina")
		boss.Click("staffing-run")
		boss.See("staffing-queues")
		boss.See("staffing-took")
		result := boss.Text("staffing-queues")
		require.Contains(t, result, "SL3")
		require.Contains(t, result, "±")
		boss.picture(lang, "staffing")
	}
	h.closeTabs()
}

// TestTheScenarioOfThisHouseHasItsCalls: a caller is served, and the archive tells the page of it.
func TestTheScenarioOfThisHouseHasItsCalls(t *testing.T) {
	h := own(t)
	ctx := t.Context()
	boss := h.Program(t, "huangmei")
	zhangmin := h.Agent(t, "zhangmin", 1000)
	zhangmin.BeReady()
	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138000", ToneHz: 440})
	require.NoError(t, err)
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, caller.HearSomething(ctx))
	require.NoError(t, caller.Press("11"))
	zhangmin.See("offer")
	zhangmin.Click("accept")
	zhangmin.Hears(440)
	talkFor(2 * time.Second)
	require.NoError(t, caller.Hangup())
	zhangmin.See("wrap-up")
	talkFor(time.Second) // about the case
	zhangmin.Click("wrap-up-done")
	var centre struct {
		Text        string
		Days, Calls int
		Notes       []string
	}
	require.NoError(t, house.Await(ctx, 10*time.Second, "the call to be in the archive", func() error {
		if err := boss.Get("/api/staffing/centre?weeks=1", &centre); err != nil {
			return err
		}
		if centre.Calls != 1 || !strings.Contains(centre.Text, "counts: [1]") || strings.Count(centre.Text, "talk: {exponential: 3m}") != 2 ||
			!strings.Contains(centre.Text, "wrap_up: {exponential: ") {
			return fmt.Errorf("%+v", centre)
		}
		return nil
	}))
	require.Equal(t, 1, centre.Days)
	said, err := exec.Command(house.Binary, "scenario", "-c", h.Config(), "--weeks", "1").Output()
	require.NoError(t, err)
	require.Equal(t, centre.Text, string(said), "the command line says the same")
	require.ElementsMatch(t, []string{"no-talks", "no-patience", "few-calls", "no-roster"}, centre.Notes)
}

// TestATrialIsAProcessOfItsOwn: what goes wrong in it is told, and it is gone when it is cancelled.
func TestATrialIsAProcessOfItsOwn(t *testing.T) {
	h := common(t)
	boss := h.Program(t, "huangmei")
	var centre struct{ Text string }
	require.NoError(t, boss.Get("/api/staffing/centre?weeks=1", &centre))
	require.Contains(t, centre.Text, "needs: {consult: 3}")

	status, answer := boss.Ask(http.MethodPost, "/api/staffing/trials", map[string]any{"text": "longth: 1h"})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, `there is no key \"longth\"`)

	long := strings.Replace(centre.Text, "replications: 20", "replications: 3000", 1)
	require.NotEqual(t, centre.Text, long)
	status, answer = boss.Ask(http.MethodPost, "/api/staffing/trials", map[string]any{"text": long})
	require.Equal(t, http.StatusAccepted, status, answer)
	id := strings.Split(answer, `"`)[3]
	var trial struct{ Phase string }
	require.NoError(t, boss.Get("/api/staffing/trials/"+id+"?after=4", &trial))
	require.Equal(t, "running", trial.Phase)
	status, answer = boss.Ask(http.MethodDelete, "/api/staffing/trials/"+id, nil)
	require.Equal(t, http.StatusNoContent, status, answer)
	require.NoError(t, house.Await(t.Context(), 10*time.Second, "the trial to be over", func() error {
		if err := boss.Get("/api/staffing/trials/"+id, &trial); err != nil {
			return err
		}
		if trial.Phase != "cancelled" {
			return fmt.Errorf("still %s", trial.Phase)
		}
		return nil
	}))
}
