package floor

import "hotline/fact"

// callOf names the call a fact is about; empty: none.
func callOf(x fact.Fact) string {
	switch x := x.(type) {
	case fact.CallArrived:
		return x.Call
	case fact.CallAnswered:
		return x.Call
	case fact.FlowStepped:
		return x.Call
	case fact.PromptEnded:
		return x.Call
	case fact.VisitBegan:
		return x.Call
	case fact.WaitTold:
		return x.Call
	case fact.VisitEnded:
		return x.Call
	case fact.Offered:
		return x.Call
	case fact.OfferEnded:
		return x.Call
	case fact.TalkBegan:
		return x.Call
	case fact.TalkHeld:
		return x.Call
	case fact.TalkRetrieved:
		return x.Call
	case fact.TalkEnded:
		return x.Call
	case fact.Transferred:
		return x.Call
	case fact.MessageBegan:
		return x.Call
	case fact.MessageEnded:
		return x.Call
	case fact.RecordingBegan:
		return x.Call
	case fact.RecordingEnded:
		return x.Call
	case fact.CallClosing:
		return x.Call
	case fact.CallEnded:
		return x.Call
	case fact.CallbackAsked:
		return x.Call
	case fact.CallbackRequested:
		return x.Call
	case fact.CallbackRefused:
		return x.Call
	case fact.CallbackTried:
		return x.Call
	case fact.CallbackDialled:
		return x.Call
	}
	return ""
}

// agentOf names the agent whose state a fact changes; empty: none.
func agentOf(x fact.Fact) string {
	switch x := x.(type) {
	case fact.Offered:
		return x.Agent
	case fact.OfferEnded:
		return x.Agent
	case fact.TicketOpened:
		return ""
	case fact.TalkBegan:
		return x.Agent
	case fact.TalkHeld:
		return x.Agent
	case fact.TalkRetrieved:
		return x.Agent
	case fact.TalkEnded:
		return x.Agent
	case fact.AgentSignedIn:
		return x.Agent
	case fact.AgentSignedOut:
		return x.Agent
	case fact.AgentReady:
		return x.Agent
	case fact.AgentQueuesSet:
		return x.Agent
	case fact.AgentSkillsSet:
		return x.Agent
	case fact.AgentNotReady:
		return x.Agent
	case fact.AgentPending:
		return x.Agent
	case fact.AgentInLine:
		return x.Agent
	case fact.WrapUpBegan:
		return x.Agent
	case fact.WrapUpExtended:
		return x.Agent
	case fact.WrapUpEnded:
		return x.Agent
	case fact.DeskUp:
		return x.Agent
	case fact.DeskLost:
		return x.Agent
	case fact.MediaUp:
		return x.Agent
	case fact.MediaLost:
		return x.Agent
	case fact.LegMade:
		return x.Agent
	case fact.LegGone:
		return x.Agent
	case fact.DeviceChosen:
		return x.Agent
	case fact.PhoneFailed:
		return x.Agent
	case fact.PhoneAsked:
		return x.Agent
	case fact.AgentReleased:
		return x.Agent
	}
	return ""
}

// agentOfInput names the agent that an input is about; empty: none.
func agentOfInput(in Input) string {
	switch in := in.(type) {
	case Command:
		return in.Agent
	case Desk:
		return in.Agent
	case Media:
		return in.Agent
	case LegUp:
		return in.Agent
	case LegDown:
		return in.Agent
	case Unanswered:
		return in.Agent
	}
	return ""
}

// CallOf names the call that an input is about; empty: none.
func CallOf(in Input) string {
	switch in := in.(type) {
	case Arrived:
		return in.Channel
	case Answered:
		return in.Call
	case Key:
		return in.Call
	case Spoken:
		return in.Call
	case Gone:
		return in.Call
	case Regained:
		return in.Call
	case Recorded:
		return in.Call
	case LookedUp:
		return in.Call
	case Joined:
		return in.Call
	case JoinFailed:
		return in.Call
	case CannotServe:
		return in.Call
	case HangUp:
		return in.Call
	case Command:
		return in.Call
	}
	return ""
}
