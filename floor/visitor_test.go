package floor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

func TestVisitorWhoPressesEndInATalkHasEndedIt(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(HangUp{Call: "c1"})
	require.Equal(t, fact.EndedByCaller, ofKind[fact.TalkEnded](s.seen)[0].How, "nothing was lost")
	s.must(Gone{Call: "c1"})
	require.Equal(t, []fact.Ending{fact.EndCaller}, s.endings())
	require.Equal(t, acd.WrapUp, s.state("li"))
}

func TestVisitorsOfTheCallerPageAreNotKeptOverAStart(t *testing.T) {
	s := begin(t)
	s.staff("li")
	visitor := func(id string) {
		s.must(Arrived{Channel: id, Node: "a", Line: "1", Via: "browser", Up: true})
		s.must(Key{Call: id, Digit: "1"})
		s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt})
	}
	visitor("web-1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("web-1")
	visitor("web-2")
	s.queue("c1")
	s.must(Started{})
	require.Equal(t, call.Closing, s.f.Call("web-1").Phase, "nobody is at the other end any more")
	require.Equal(t, call.Closing, s.f.Call("web-2").Phase, "and no agent is offered silence")
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	require.Equal(t, acd.WrapUp, s.state("li"))
}
