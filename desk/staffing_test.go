package desk

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeStaffing plays the simulator: one trial a person, whose state a test changes.
type fakeStaffing struct {
	mu     sync.Mutex
	orders map[string]TrialOrder
	day    *time.Weekday
	weeks  int
	ended  []string
}

func (f *fakeStaffing) Scenarios() ScenarioList {
	return ScenarioList{Scenarios: []Scenario{{ID: "small", Name: "Small"}}}
}

func (f *fakeStaffing) Centre(_ context.Context, weeks int, day *time.Weekday) (CentreScenario, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.weeks, f.day = weeks, day
	return CentreScenario{Text: "length: 1h", Days: 4}, nil
}

// bilingual is an error that can be said in Chinese.
type bilingual struct{ error }

func (b bilingual) Unwrap() error { return b.error }
func (b bilingual) In() map[string]string {
	return map[string]string{"zh": "第 1 行：这不是方案"}
}

func (f *fakeStaffing) Check(text string) (Sketch, error) {
	if text == "wrong" {
		return Sketch{}, bilingual{wrong("text", "line 1: this is no scenario")}
	}
	return Sketch{Name: text}, nil
}

func (f *fakeStaffing) Begin(login string, o TrialOrder) (Trial, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.orders[login]; ok {
		return Trial{}, refuse(Illegal, "A trial of yours is still running.")
	}
	if f.orders == nil {
		f.orders = map[string]TrialOrder{}
	}
	f.orders[login] = o
	return Trial{ID: login, Seq: 1, Phase: TrialWaiting}, nil
}

func (f *fakeStaffing) Trial(ctx context.Context, login, id string, after uint64) (Trial, error) {
	if login != id {
		return Trial{}, refuse(NotFound, "There is no such trial of yours.")
	}
	return Trial{ID: id, Seq: after + 1, Phase: TrialRunning, Done: 3, Of: 10}, nil
}

func (f *fakeStaffing) Cancel(login, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if login != id {
		return refuse(NotFound, "There is no such trial of yours.")
	}
	f.ended = append(f.ended, id)
	return nil
}

func TestASupervisorTriesAScenario(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, _ := o.ask("boss", "GET", "/api/staffing/scenarios", "")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"small"`)
	code, body, _ = o.ask("boss", "GET", "/api/staffing/centre?weeks=8&day=mon", "")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"notes":[]`)
	require.Equal(t, 8, o.staffing.weeks)
	require.Equal(t, time.Monday, *o.staffing.day)
	code, _, _ = o.ask("boss", "GET", "/api/staffing/centre", "")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, 4, o.staffing.weeks)
	require.Nil(t, o.staffing.day)

	code, body, _ = o.ask("boss", "POST", "/api/staffing/trials", `{"text":"x","agents":{"juniors":-2},"calls":1.2}`)
	require.Equal(t, http.StatusAccepted, code)
	require.Contains(t, body, `"waiting"`)
	require.Equal(t, -2, o.staffing.orders["boss"].Agents["juniors"])
	code, body, _ = o.ask("boss", "GET", "/api/staffing/trials/boss?after=6", "")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"seq":7`)
	code, _, _ = o.ask("boss", "DELETE", "/api/staffing/trials/boss", "")
	require.Equal(t, http.StatusNoContent, code)
	require.Equal(t, []string{"boss"}, o.staffing.ended)
}

func TestWhatIsWrongWithAScenarioIsSaidWhereItIs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, x := range []struct{ method, path, body, words string }{
		{"POST", "/api/staffing/check", `{"text":"wrong"}`, `"place":"text"`},
		{"POST", "/api/staffing/check", `{"text":"wrong"}`, `"message_in":{"zh":"第 1 行：这不是方案"}`},
		{"POST", "/api/staffing/check", `{"yaml":"wrong"}`, `"place":"yaml"`},
		{"POST", "/api/staffing/trials", `{"text":1}`, `"place":"text"`},
		{"GET", "/api/staffing/centre?weeks=0", "", `"place":"weeks"`},
		{"GET", "/api/staffing/centre?weeks=many", "", `"place":"weeks"`},
		{"GET", "/api/staffing/centre?day=8", "", `"place":"day"`},
		{"GET", "/api/staffing/trials/boss?after=-1", "", `"place":"after"`},
	} {
		code, body, _ := o.ask("boss", x.method, x.path, x.body)
		require.Equal(t, http.StatusBadRequest, code, x.path)
		require.Contains(t, body, x.words, x.path)
	}
	code, _, _ := o.ask("boss", "GET", "/api/staffing/trials/root", "")
	require.Equal(t, http.StatusNotFound, code, "a trial is its owner's")
}
