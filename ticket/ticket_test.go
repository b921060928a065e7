package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var opened = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func fresh() Ticket {
	return Ticket{ID: "20261121-0001", Version: 1, State: Open, Opened: opened, Channel: Phone, Edited: opened}
}

func typed[T ~string](s T) *T { return &s }

func TestATicketIsClosedAndOpenedAgainAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from State
		op   Op
		to   State // "": illegal
	}{
		{Open, Close, Closed},
		{Closed, Reopen, Open},
		{Open, Reopen, ""},
		{Closed, Close, ""},
		{"", Close, ""},
		{"", Reopen, ""},
		{Open, "", ""},
		{Open, "dispatch", ""},
		{"dispatched", Close, ""},
	} {
		to, err := Next(c.from, c.op)
		if c.to == "" {
			var illegal *Illegal
			require.ErrorAs(t, err, &illegal)
			require.Equal(t, Illegal{c.from, c.op}, *illegal)
			require.Equal(t, c.from, to, "an illegal step changes nothing")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.to, to)
	}
}

func TestClosingSaysWhoAndWhenAndReopeningTakesItBack(t *testing.T) {
	t.Parallel()
	at := opened.Add(time.Minute)
	closed, change, err := Apply(fresh(), Edit{Version: 1, Asked: typed("quiet"), Do: Close}, nil, "li", at)
	require.NoError(t, err)
	require.Equal(t, "li", closed.ClosedBy)
	require.Equal(t, at, closed.Closed)
	require.Equal(t, []Field{{"asked", "", "quiet"}, {"state", "open", "closed"}}, change.Fields)
	again, _, err := Apply(closed, Edit{Version: 2, Do: Reopen}, nil, "wang", at)
	require.NoError(t, err)
	require.Empty(t, again.ClosedBy)
	require.True(t, again.Closed.IsZero())
	_, _, err = Apply(closed, Edit{Version: 2, Do: Close}, nil, "li", at)
	require.ErrorContains(t, err, "closed -close->")
}

func TestWhatIsTypedIsChecked(t *testing.T) {
	t.Parallel()
	for field, e := range map[string]Edit{
		"version":  {Version: 2},
		"name":     {Version: 1, Name: typed("two\nlines")},
		"number":   {Version: 1, Number: typed("call me")},
		"region":   {Version: 1, Region: typed(strings.Repeat("京", 201))},
		"category": {Version: 1, Category: typed(Category("rant"))},
		"grade":    {Version: 1, Grade: typed(Grade("awful"))},
		"happened": {Version: 1, Happened: typed(strings.Repeat("x", 20001))},
		"asked":    {Version: 1, Asked: typed("\xff")},
		"address":  {Version: 1, Address: typed("a\x00b")},
	} {
		now, change, err := Apply(fresh(), e, nil, "li", opened)
		var invalid *Invalid
		require.ErrorAs(t, err, &invalid, field)
		require.Equal(t, field, invalid.Place())
		require.Nil(t, change)
		require.Equal(t, fresh(), now)
	}
	_, _, err := Apply(fresh(), Edit{Version: 0}, nil, "li", opened)
	require.Error(t, err)
	ok, _, err := Apply(fresh(), Edit{Version: 1, Number: typed("+8613800138000"), Happened: typed(strings.Repeat("京", 20000))}, nil, "li", opened)
	require.NoError(t, err)
	require.Equal(t, 2, ok.Version)
}

func TestTheSameWordsTypedTwiceAreNoConflictAndNoChange(t *testing.T) {
	t.Parallel()
	e := Edit{Version: 1, Happened: typed("noise")}
	second, change, err := Apply(fresh(), e, nil, "li", opened)
	require.NoError(t, err)
	// The answer was lost, the page sends it again.
	third, none, err := Apply(second, e, []Change{*change}, "li", opened)
	require.NoError(t, err)
	require.Nil(t, none)
	require.Equal(t, second, third)
}

func TestIDsLookLikeTheNumbersPeopleSay(t *testing.T) {
	t.Parallel()
	require.True(t, ValidID("20261121-0042"))
	require.True(t, ValidID("20261121-12345"))
	for _, s := range []string{"", "42", "20261121-42", "20261121-0042 ", "2026-11-21", "20261121-0042'--"} {
		require.False(t, ValidID(s), s)
	}
}

// Any number of people type into one ticket, each upon an older version. What the changes say must lead from the first
// ticket to the last, and nobody's words may vanish without a conflict.
func TestChangesTellTheWholeStory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history := []Ticket{fresh()}
		var changes []Change
		for range rapid.IntRange(1, 30).Draw(t, "edits") {
			now := history[len(history)-1]
			e := Edit{Version: rapid.IntRange(max(1, now.Version-3), now.Version).Draw(t, "version")}
			for _, f := range []**string{&e.Name, &e.Address, &e.Happened, &e.Asked} {
				if rapid.Bool().Draw(t, "types") {
					*f = typed(rapid.StringMatching(`[a-c]{0,2}`).Draw(t, "text"))
				}
			}
			if rapid.IntRange(0, 5).Draw(t, "step") == 0 {
				e.Do = rapid.SampledFrom(Ops).Draw(t, "do")
			}
			next, change, err := Apply(now, e, changes[e.Version-1:], rapid.SampledFrom([]string{"li", "wang"}).Draw(t, "by"), opened)
			if err != nil || change == nil {
				if d := cmp.Diff(now, next); d != "" {
					t.Fatalf("changed without a change: %s", d)
				}
				var clash *Conflict
				if errors.As(err, &clash) && len(clash.Fields) == 0 {
					t.Fatal("a conflict without a field")
				}
				continue
			}
			if next.Version != now.Version+1 || change.Version != next.Version {
				t.Fatalf("version %d after %d", next.Version, now.Version)
			}
			for _, f := range fields {
				if words := f.typed(e); words != nil && f.old(&next) != *words {
					t.Fatalf("%s: typed %q, stands %q", f.name, *words, f.old(&next))
				}
				seen := history[e.Version-1]
				if f.old(&next) != f.old(&now) && f.old(&seen) != f.old(&now) {
					t.Fatalf("%s: what somebody else typed since version %d is gone", f.name, e.Version)
				}
			}
			history, changes = append(history, next), append(changes, *change)
		}
		replayed := history[0]
		for _, c := range changes {
			for _, f := range c.Fields {
				if i := slices.IndexFunc(fields, func(x field) bool { return x.name == f.Field }); i >= 0 {
					if fields[i].old(&replayed) != f.From {
						t.Fatalf("%s: the change says from %q, it was %q", f.Field, f.From, fields[i].old(&replayed))
					}
					fields[i].put(&replayed, f.To)
				}
			}
		}
		last := history[len(history)-1]
		if replayed.Name != last.Name || replayed.Address != last.Address || replayed.Happened != last.Happened || replayed.Asked != last.Asked {
			t.Fatalf("replayed %+v, is %+v", replayed, last)
		}
	})
}

func TestTypingIsOneLineOfTheTimeLine(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return opened.Add(time.Duration(s) * time.Second) }
	changes := []Change{
		{Version: 2, At: at(1), By: "li", Fields: []Field{{"happened", "", "no"}}},
		{Version: 3, At: at(2), By: "li", Fields: []Field{{"happened", "no", "noise"}}},
		{Version: 4, At: at(3), By: "wang", Fields: []Field{{"address", "", "x"}}},
		{Version: 5, At: at(4), By: "li", Fields: []Field{{"happened", "noise", "noise at night"}}},
		{Version: 6, At: at(5), By: "li", Fields: []Field{{"state", "open", "closed"}}},
		{Version: 7, At: at(6), By: "li", Fields: []Field{{"asked", "", "quiet"}}},
		{Version: 8, At: at(7), By: "li", Fields: []Field{{"asked", "quiet", ""}}},
		{Version: 9, At: at(700), By: "li", Fields: []Field{{"name", "", "赵"}}},
	}
	before := cmp.Diff(nil, changes)
	got := Timeline(changes, 10*time.Minute)
	require.Empty(t, cmp.Diff([]Change{
		{Version: 3, At: at(2), By: "li", Fields: []Field{{"happened", "", "noise"}}},
		{Version: 4, At: at(3), By: "wang", Fields: []Field{{"address", "", "x"}}},
		{Version: 5, At: at(4), By: "li", Fields: []Field{{"happened", "noise", "noise at night"}}},
		{Version: 6, At: at(5), By: "li", Fields: []Field{{"state", "open", "closed"}}},
		{Version: 9, At: at(700), By: "li", Fields: []Field{{"name", "", "赵"}}},
	}, got))
	require.Equal(t, before, cmp.Diff(nil, changes), "the changes themselves are untouched")
	require.NotNil(t, Timeline(nil, time.Minute))
}
