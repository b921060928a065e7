package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

// numbers are those of the tickets that were opened.
func (s *shift) numbers() (all []string) {
	for _, x := range ofKind[fact.TicketOpened](s.seen) {
		all = append(all, x.Ticket)
	}
	return all
}

func TestNoTwoCallersHaveATicketOfOneNumberThoughRecordsAreLost(t *testing.T) {
	for name, day := range map[string]time.Duration{"of the same day": 0, "of the day that they began": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			before := begin(t)
			before.must(netMessage("n1"))
			saved, err := before.f.Save()
			require.NoError(t, err)
			before.now = before.now.Add(day)
			before.must(netMessage("n2"))
			before.must(netMessage("n3")) // and neither record can be read any more
			after := &shift{t: t, now: before.now.Add(time.Second)}
			after.f, err = Restore(house(t), saved)
			require.NoError(t, err)
			after.f.Skip(before.f.Seq())
			after.must(netMessage("n4"))
			require.Len(t, after.numbers(), 1)
			require.NotContains(t, before.numbers(), after.numbers()[0])
			after.now = after.now.Add(24 * time.Hour)
			after.must(netMessage("n5"))
			require.NotContains(t, before.numbers(), after.numbers()[1])
		})
	}
}

func TestTicketBehindDamageTellsHowFarTheNumbersHadCome(t *testing.T) {
	s := begin(t)
	day := s.now.Format("20060102")
	s.f.Skip(7)
	require.Empty(t, s.f.ReplayPast(fact.Record{Seq: 8, At: s.now, Facts: []fact.Fact{fact.TicketOpened{Ticket: day + "-4711", Call: "c1"}}}))
	s.must(netMessage("n1"))
	require.Equal(t, []string{day + "-4712"}, s.numbers())
}

func TestAJournalBegunAnewCountsOnBehindTheTicketsOfTheArchive(t *testing.T) {
	s := begin(t)
	day := s.now.In(s.f.cfg.Zone).Format("20060102")
	s.f.CountOn(day, 41)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	require.Equal(t, day+"-0042", s.f.AgentView("li").Call.Ticket)
	s.f.CountOn(day, 7)
	require.Equal(t, 42, s.f.s.TicketCount, "its own count goes before")
}
