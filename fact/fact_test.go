package fact

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecordSurvivesTheJournal(t *testing.T) {
	in := Record{Seq: 7, At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), Facts: []Fact{
		CallArrived{Call: "1.2", Channel: "1.2", Node: "a", Line: "12345", Caller: Party{Number: "+8613800138000"}, Via: "sip"},
		VisitEnded{Call: "1.2", Visit: "1.2-v1", Queue: "consult", Outcome: Answered, Waited: 3 * time.Second},
	}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Record
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out); d != "" {
		t.Fatal(d)
	}
}

func TestUnknownKindIsNamed(t *testing.T) {
	if _, err := Unmarshal([]byte(`{"k":"call.levitated"}`)); err == nil {
		t.Fatal("an unknown kind was read")
	}
}
