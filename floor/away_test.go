package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

func ofKind[T fact.Fact](facts []fact.Fact) (found []T) {
	for _, f := range facts {
		if x, ok := f.(T); ok {
			found = append(found, x)
		}
	}
	return found
}

func netMessage(channel string) NetMessage {
	return NetMessage{
		Channel: channel, Node: "a", Name: "net_" + channel, Line: "1", Caller: fact.Party{Number: "+8613800138000"},
		Left: monday.Add(-time.Hour), Duration: 7 * time.Second,
	}
}

func TestAMessageOfTheNetBecomesATicketOnceWhateverDiesInBetween(t *testing.T) {
	s := begin(t)
	s.must(netMessage("c1"))
	require.Len(t, ofKind[fact.NetMessage](s.seen), 1)
	tickets := ofKind[fact.TicketOpened](s.seen)
	require.Len(t, tickets, 1)
	require.Equal(t, fact.TicketOpened{Ticket: "20261123-0001", Call: "c1", Channel: "message", Caller: fact.Party{Number: "+8613800138000"}, Lang: "en", Message: "c1-n1"}, tickets[0])
	require.Equal(t, []Pending{{Call: "c1", Recording: "c1-n1", Node: "a", Left: "net_c1", Ended: true}}, s.f.Pending())

	s.must(netMessage("c1"))
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(house(t), saved)
	require.NoError(t, err)
	s.must(netMessage("c1"))
	taken, pending := s.f.NetTaken("c1")
	require.True(t, taken)
	require.True(t, pending)
	s.must(Stored{Fact: fact.RecordingStored{Call: "c1", Recording: "c1-n1", File: "f"}})
	s.must(netMessage("c1"))
	require.Len(t, ofKind[fact.NetMessage](s.seen), 1)
	taken, pending = s.f.NetTaken("c1")
	require.True(t, taken)
	require.False(t, pending)
}

func TestACallThatHadReachedUsIsNotCountedAgainByItsMessageWithTheNet(t *testing.T) {
	s := begin(t)
	s.queue("c1")
	s.must(Gone{Call: "c1", Inferred: true})
	s.must(netMessage("c1"))
	s.queue("c2")
	s.must(netMessage("c2"))
	s.must(netMessage("c3"))
	got := ofKind[fact.NetMessage](s.seen)
	require.Len(t, got, 3)
	require.Equal(t, []bool{true, true, false}, []bool{got[0].Known, got[1].Known, got[2].Known})
}

func TestSilenceWithTheNetMakesNoTicket(t *testing.T) {
	s := begin(t)
	in := netMessage("c1")
	in.Empty = true
	s.must(in)
	require.Len(t, ofKind[fact.NetMessage](s.seen), 1)
	require.Empty(t, ofKind[fact.TicketOpened](s.seen))
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	var ids []string
	for i := range 100 {
		ids = remember(ids, string(rune('a'+i%26)), 16)
		require.LessOrEqual(t, len(ids), 16)
	}
	require.Equal(t, string(rune('a'+99%26)), ids[len(ids)-1])
}
