package floor

import (
	"slices"
	"time"

	"hotline/fact"
)

// What happened while the application, or the archive, was away.

// NetMessage: a finished message of the dialplan's safety net was found in an Asterisk.
type NetMessage struct {
	Channel, Node, Name, Line string
	Caller                    fact.Party
	Left                      time.Time
	Duration                  time.Duration
	Empty                     bool
}

// Draft: a person edited a ticket that the archive cannot take at the moment.
type Draft struct{ Fact fact.TicketDrafted }

// Expired: the time to keep a recording is over.
type Expired struct{ Call, Recording, Why string }

// Configured: another configuration is in force.
type Configured struct{}

func (NetMessage) input() {}
func (Configured) input() {}
func (Draft) input()      {}
func (Expired) input()    {}

// How many ended calls, and messages of the net, are remembered by their ids: far more than one absence brings.
const (
	rememberedCalls = 2048
	rememberedNet   = 10_000
)

// netMessage makes a message and a ticket of it, once for each channel.
func (s *step) netMessage(in NetMessage) {
	if taken, _ := s.NetTaken(in.Channel); taken {
		return
	}
	f := fact.NetMessage{
		Call: in.Channel, Message: netID(in.Channel), Node: in.Node, Name: in.Name, Line: in.Line, Caller: in.Caller,
		Known: s.s.Calls[in.Channel] != nil || s.HasEnded(in.Channel),
		Left:  in.Left, Duration: in.Duration, Empty: in.Empty,
	}
	s.emit(f)
	if in.Empty {
		return
	}
	lang := s.cfg.Lines[in.Line].Lang
	if lang == "" {
		lang = s.cfg.Lang
	}
	s.emit(fact.TicketOpened{Ticket: s.nextTicket(), Call: f.Call, Channel: "message", Caller: f.Caller, Lang: lang, Message: f.Message})
}

// netID names the message that the net took of a channel: it takes no more than one.
func netID(channel string) string { return channel + "-n1" }

// NetTaken tells whether the net's message of this channel is journalled, and whether its recording is still Asterisk's.
func (f *Floor) NetTaken(channel string) (taken, pending bool) {
	return slices.Contains(f.s.Net, channel), f.s.Pending[netID(channel)] != nil
}

func (f *Floor) applyNetMessage(x fact.NetMessage) {
	f.s.Net = remember(f.s.Net, x.Call, rememberedNet)
	f.s.Pending[x.Message] = &Pending{Call: x.Call, Recording: x.Message, Node: x.Node, Left: x.Name, Ended: true}
	f.closed = append(f.closed, x.Message)
}

// HasEnded tells whether this was a call of ours, lately.
func (f *Floor) HasEnded(id string) bool { return slices.Contains(f.s.Ended, id) }

// remember keeps the newest ids, oldest first.
func remember(ids []string, id string, most int) []string {
	ids = append(ids, id)
	if len(ids) > most {
		ids = slices.Delete(ids, 0, len(ids)-most+most/8) // not one by one: that would move them all each time
	}
	return ids
}
