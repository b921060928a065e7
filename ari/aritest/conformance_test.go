package aritest_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"hotline/ari/aritest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted is the Server as a Target.
type scripted struct{ *aritest.Server }

func (s scripted) Call(t testing.TB, id, number, exten string) {
	if !s.Server.Call(id, aritest.Caller{Number: number, Exten: exten}) {
		t.Fatal("nobody holds the application")
	}
}
func (s scripted) Press(_ testing.TB, id, digits string) { s.DTMF(id, digits) }
func (s scripted) Leave(_ testing.TB, id string)         { s.Hangup(id) }

func TestScriptedAsteriskBehavesAsTheRealOne(t *testing.T) {
	srv := aritest.New(t)
	srv.MediaLength(func(media string) time.Duration {
		switch media {
		case aritest.MissingMedia:
			return aritest.Missing
		case aritest.LongMedia:
			return -1
		}
		return 5 * time.Millisecond
	})
	srv.Phones(func(endpoint string) aritest.Phone {
		switch endpoint {
		case aritest.BusyEndpoint:
			return aritest.Phone{Refuse: 17}
		case aritest.WaitEndpoint:
			return aritest.Phone{Answer: time.Millisecond}
		}
		return aritest.Phone{}
	})
	aritest.Conformance(t, scripted{srv})
}
