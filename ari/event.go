package ari

import (
	"encoding/json"

	cy "github.com/CyCoreSystems/ari/v5"
)

// EventBody is one event of Asterisk: a pointer to one of the structs below. Its Node is ours (Config.Node),
// so Keys() name things across nodes; Timestamp is Asterisk's own clock.
type EventBody = cy.Event

// EventData is what every event has: Application, Node, Timestamp, Type.
type EventData = cy.EventData

// Events of playbacks and recordings are as CyCoreSystems/ari has them. A PlaybackFinished may have the
// State "failed": the file is missing or cannot be read.
type (
	PlaybackStarted    = cy.PlaybackStarted
	PlaybackContinuing = cy.PlaybackContinuing
	PlaybackFinished   = cy.PlaybackFinished
	RecordingStarted   = cy.RecordingStarted
	RecordingFinished  = cy.RecordingFinished
	RecordingFailed    = cy.RecordingFailed
	// ApplicationReplaced says that another program has taken the application: a Down follows.
	ApplicationReplaced = cy.ApplicationReplaced
)

// keysOf makes keys of kind and id in turn, leaving out what is empty.
func keysOf(d *EventData, pairs ...string) (keys Keys) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			keys = append(keys, d.Key(pairs[i], pairs[i+1]))
		}
	}
	return keys
}

func idOf(c *Channel) string {
	if c == nil {
		return ""
	}
	return c.ID
}

// StasisStart: a channel came under our control. Only now can it be bridged or recorded. ReplaceChannel is
// the one whose place it takes (a transfer that Asterisk did by itself).
type StasisStart struct {
	EventData
	Channel        Channel  `json:"channel"`
	Args           []string `json:"args"`
	ReplaceChannel *Channel `json:"replace_channel,omitempty"`
}

// Keys names the channel and the one it replaces.
func (e *StasisStart) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, e.Channel.ID, ChannelKey, idOf(e.ReplaceChannel))
}

// StasisEnd: a channel left our control: it hangs up, went on in the dialplan, or was replaced.
type StasisEnd struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *StasisEnd) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelCreated: a channel exists.
type ChannelCreated struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *ChannelCreated) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelDestroyed: a channel is gone for good. Of a snoop Asterisk tells StasisEnd only.
type ChannelDestroyed struct {
	EventData
	Channel   Channel `json:"channel"`
	Cause     Cause   `json:"cause"`
	CauseText string  `json:"cause_txt"`
	TechCause int     `json:"tech_cause,omitempty"` // the SIP status, where there is one
}

// Keys names the channel.
func (e *ChannelDestroyed) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelHangupRequest: the far end hung up, or somebody asked for it; StasisEnd and ChannelDestroyed follow.
// When Soft, the Cause is an internal flag of Asterisk (32): take that of ChannelDestroyed. It may come twice.
type ChannelHangupRequest struct {
	EventData
	Channel Channel `json:"channel"`
	Cause   Cause   `json:"cause,omitempty"`
	Soft    bool    `json:"soft,omitempty"`
}

// Keys names the channel.
func (e *ChannelHangupRequest) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelStateChange: Down → Ring or Ringing → Up.
type ChannelStateChange struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *ChannelStateChange) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelDtmfReceived: a key was pressed and let go.
type ChannelDtmfReceived struct {
	EventData
	Channel    Channel `json:"channel"`
	Digit      string  `json:"digit"`
	DurationMS int     `json:"duration_ms"`
}

// Keys names the channel.
func (e *ChannelDtmfReceived) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelHold: the far end put us on hold; ChannelUnhold: it took us back.
type ChannelHold struct {
	EventData
	Channel    Channel `json:"channel"`
	MusicClass string  `json:"musicclass,omitempty"`
}

// Keys names the channel.
func (e *ChannelHold) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelUnhold ends a ChannelHold.
type ChannelUnhold struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *ChannelUnhold) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelTalkingStarted needs TALK_DETECT(set) on the channel.
type ChannelTalkingStarted struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *ChannelTalkingStarted) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelTalkingFinished says for how long the channel talked.
type ChannelTalkingFinished struct {
	EventData
	Channel    Channel `json:"channel"`
	DurationMS int     `json:"duration"`
}

// Keys names the channel.
func (e *ChannelTalkingFinished) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelCallerID: who the caller is changed.
type ChannelCallerID struct {
	EventData
	Channel          Channel `json:"channel"`
	Presentation     int     `json:"caller_presentation"`
	PresentationText string  `json:"caller_presentation_txt"`
}

// Keys names the channel.
func (e *ChannelCallerID) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelConnectedLine: who the channel is connected to changed.
type ChannelConnectedLine struct {
	EventData
	Channel Channel `json:"channel"`
}

// Keys names the channel.
func (e *ChannelConnectedLine) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelDialplan: the channel is at another application of the dialplan.
type ChannelDialplan struct {
	EventData
	Channel Channel `json:"channel"`
	App     string  `json:"dialplan_app"`
	AppData string  `json:"dialplan_app_data"`
}

// Keys names the channel.
func (e *ChannelDialplan) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelVarset: a variable was set; Channel is empty for a global one.
type ChannelVarset struct {
	EventData
	Channel  Channel `json:"channel"`
	Variable string  `json:"variable"`
	Value    string  `json:"value"`
}

// Keys names the channel.
func (e *ChannelVarset) Keys() Keys { return keysOf(&e.EventData, ChannelKey, e.Channel.ID) }

// ChannelEnteredBridge: the channel is in the bridge, which has one channel more.
type ChannelEnteredBridge struct {
	EventData
	Channel Channel `json:"channel"`
	Bridge  Bridge  `json:"bridge"`
}

// Keys names the channel and the bridge.
func (e *ChannelEnteredBridge) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, e.Channel.ID, BridgeKey, e.Bridge.ID)
}

// ChannelLeftBridge: the channel is out of the bridge.
type ChannelLeftBridge struct {
	EventData
	Channel Channel `json:"channel"`
	Bridge  Bridge  `json:"bridge"`
}

// Keys names the channel and the bridge.
func (e *ChannelLeftBridge) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, e.Channel.ID, BridgeKey, e.Bridge.ID)
}

// ChannelTransfer: a desk phone asks for a transfer (REFER) under PJSIP_TRANSFER_HANDLING()=ari-only. It
// must be told the end by TransferProgress.
type ChannelTransfer struct {
	EventData
	State      string     `json:"state,omitempty"`
	ReferTo    ReferTo    `json:"refer_to"`
	ReferredBy ReferredBy `json:"referred_by"`
}

// ReferTo is where a transfer goes: a destination that was dialled, or a channel (attended).
type ReferTo struct {
	Requested   RequestedDestination `json:"requested_destination"`
	Destination *Channel             `json:"destination_channel,omitempty"`
	Connected   *Channel             `json:"connected_channel,omitempty"`
	Bridge      *Bridge              `json:"bridge,omitempty"`
}

// RequestedDestination is what the phone's user dialled.
type RequestedDestination struct {
	ProtocolID  string `json:"protocol_id,omitempty"`
	Destination string `json:"destination,omitempty"`
}

// ReferredBy is who transfers.
type ReferredBy struct {
	Source    Channel  `json:"source_channel"`
	Connected *Channel `json:"connected_channel,omitempty"`
	Bridge    *Bridge  `json:"bridge,omitempty"`
}

// Keys names the channel that asked, the one it is connected to, and the one it wants.
func (e *ChannelTransfer) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, e.ReferredBy.Source.ID,
		ChannelKey, idOf(e.ReferredBy.Connected), ChannelKey, idOf(e.ReferTo.Destination))
}

// Dial: a dialled channel makes progress. Status is empty at the start, then RINGING, PROGRESS, and at the
// end ANSWER, BUSY, CONGESTION, NOANSWER, CANCEL or CHANUNAVAIL.
type Dial struct {
	EventData
	Caller     *Channel `json:"caller,omitempty"`
	Peer       Channel  `json:"peer"`
	Forward    string   `json:"forward,omitempty"`
	Forwarded  *Channel `json:"forwarded,omitempty"`
	DialString string   `json:"dialstring,omitempty"`
	Status     string   `json:"dialstatus"`
}

// Keys names the peer and the caller.
func (e *Dial) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, e.Peer.ID, ChannelKey, idOf(e.Caller))
}

// BridgeCreated: a bridge exists.
type BridgeCreated struct {
	EventData
	Bridge Bridge `json:"bridge"`
}

// Keys names the bridge.
func (e *BridgeCreated) Keys() Keys { return keysOf(&e.EventData, BridgeKey, e.Bridge.ID) }

// BridgeDestroyed: a bridge is gone. It is told at times only: nobody may wait for it.
type BridgeDestroyed struct {
	EventData
	Bridge Bridge `json:"bridge"`
}

// Keys names the bridge.
func (e *BridgeDestroyed) Keys() Keys { return keysOf(&e.EventData, BridgeKey, e.Bridge.ID) }

// ChannelUserevent: somebody posted an event of their own to the application. The link's own heartbeats are
// not handed on.
type ChannelUserevent struct {
	EventData
	EventName string         `json:"eventname"`
	UserEvent map[string]any `json:"userevent"`
	Channel   *Channel       `json:"channel,omitempty"`
}

// Keys names the channel, if the event is about one.
func (e *ChannelUserevent) Keys() Keys {
	return keysOf(&e.EventData, ChannelKey, idOf(e.Channel))
}

// ApplicationRegistered: the application was taken for the first time.
type ApplicationRegistered struct{ EventData }

// Keys is empty: the event is about no channel.
func (e *ApplicationRegistered) Keys() Keys { return nil }

// ApplicationUnregistered: the application was given up.
type ApplicationUnregistered struct{ EventData }

// Keys is empty: the event is about no channel.
func (e *ApplicationUnregistered) Keys() Keys { return nil }

// Generic is an event of a type that this package has no struct for.
type Generic struct {
	EventData
	Raw json.RawMessage
	ids []string
}

// Keys names the channel and the bridge that stand in the usual places of the event.
func (e *Generic) Keys() Keys { return keysOf(&e.EventData, e.ids...) }

var _ = []EventBody{
	&StasisStart{}, &ChannelTransfer{}, &Dial{}, &BridgeDestroyed{}, &PlaybackFinished{}, &Generic{},
}
