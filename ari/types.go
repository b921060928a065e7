package ari

import (
	"time"

	cy "github.com/CyCoreSystems/ari/v5"
)

// Types that CyCoreSystems/ari describes as Asterisk speaks them.
type (
	// Key names one thing of one node: kind, id, node, application.
	Key = cy.Key
	// Keys is a list of keys that can be filtered by kind.
	Keys = cy.Keys
	// DurationSec is a length in whole seconds.
	DurationSec = cy.DurationSec
	// DateTime is a time in Asterisk's own spelling.
	DateTime = cy.DateTime
	// Direction is none, in (what the channel says), out (what it hears) or both.
	Direction = cy.Direction
	// Playback is media being played; State is queued, playing, continuing, done or failed.
	Playback = cy.PlaybackData
	// LiveRecording is a recording under way; State is queued, recording, paused, done, failed or canceled.
	LiveRecording = cy.LiveRecordingData
	// StoredRecording is a recording whose file is closed.
	StoredRecording = cy.StoredRecordingData
	// RecordingOptions says how to record; an empty Format means wav.
	RecordingOptions = cy.RecordingOptions
	// SnoopOptions says what a snoop hears and where it speaks; an empty App means the link's own.
	SnoopOptions = cy.SnoopOptions
	// ExternalMediaOptions describes an RTP leg; an empty App means the link's own.
	ExternalMediaOptions = cy.ExternalMediaOptions
	// OriginateRequest describes a channel that Asterisk dials at once.
	OriginateRequest = cy.OriginateRequest
	// Application is a Stasis application and what it is subscribed to.
	Application = cy.ApplicationData
	// Info tells an Asterisk's version and since when it runs.
	Info = cy.AsteriskInfo
)

// Kinds of keys, and directions of sound as seen from the channel.
const (
	ChannelKey       = cy.ChannelKey
	BridgeKey        = cy.BridgeKey
	PlaybackKey      = cy.PlaybackKey
	LiveRecordingKey = cy.LiveRecordingKey

	DirectionNone = cy.DirectionNone
	DirectionIn   = cy.DirectionIn
	DirectionOut  = cy.DirectionOut
	DirectionBoth = cy.DirectionBoth
)

// CallerID is a name and a number. (CyCoreSystems' are protobuf messages: not comparable, without app_name.)
type CallerID struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

// DialplanCEP is a place in the dialplan; AppName is "Stasis" while the channel is in our hands.
type DialplanCEP struct {
	Context  string `json:"context"`
	Exten    string `json:"exten"`
	Priority int    `json:"priority"`
	AppName  string `json:"app_name"`
	AppData  string `json:"app_data"` // the application and its arguments, comma-separated
}

// Channel is a leg as Asterisk knows it. CyCoreSystems' ChannelData lacks protocol_id (the SIP Call-ID),
// caller_rdnis (who diverted) and language, so it is ours.
type Channel struct {
	ID           string            `json:"id"`
	ProtocolID   string            `json:"protocol_id,omitempty"`
	Name         string            `json:"name"`
	State        string            `json:"state"` // Down, Ring, Ringing, Up, Busy, …
	Caller       CallerID          `json:"caller"`
	Connected    CallerID          `json:"connected"`
	Accountcode  string            `json:"accountcode"`
	Dialplan     DialplanCEP       `json:"dialplan"`
	CreationTime DateTime          `json:"creationtime"`
	Language     string            `json:"language"`
	CallerRDNIS  string            `json:"caller_rdnis,omitempty"`
	ChannelVars  map[string]string `json:"channelvars,omitempty"` // those that ari.conf's channelvars= names
}

// IsUp reports whether the channel has been answered.
func (c Channel) IsUp() bool { return c.State == StateUp }

// States of a channel that the trade uses.
const (
	StateDown    = "Down"
	StateRing    = "Ring"    // a caller who is not answered yet
	StateRinging = "Ringing" // a callee who is being rung
	StateUp      = "Up"
)

// Bridge mixes or holds channels. CyCoreSystems' BridgeData lacks the newer fields and carries a key that
// Asterisk never sends.
type Bridge struct {
	ID           string            `json:"id"`
	Technology   string            `json:"technology"`
	Type         string            `json:"bridge_type"` // mixing or holding
	Class        string            `json:"bridge_class"`
	Creator      string            `json:"creator"` // "Stasis" for those made over ARI
	Name         string            `json:"name"`
	Channels     []string          `json:"channels"`
	VideoMode    string            `json:"video_mode,omitempty"`
	CreationTime DateTime          `json:"creationtime"`
	BridgeVars   map[string]string `json:"bridgevars,omitempty"` // since 22.10
}

// BridgeType is Asterisk's comma-separated list of a bridge's type and attributes.
type BridgeType string

// The three kinds of bridges in the house. Softmix is for calls with a desk phone in them: its mixer hides
// RTP sequence numbers that step back, which silence Debian's transcoding paths.
const (
	BridgeMixing  BridgeType = "mixing"
	BridgeSoftmix BridgeType = "mixing,video_sfu"
	BridgeHolding BridgeType = "holding"
)

// Cause is a Q.850 hang-up cause; chan_pjsip turns it into a SIP status for an unanswered caller.
type Cause int

// Causes the house gives and reads. https://docs.asterisk.org/Configuration/Miscellaneous/Hangup-Cause-Mappings/
const (
	CauseUnallocated Cause = 1   // 404, no such number
	CauseNormal      Cause = 16  // a normal end
	CauseBusy        Cause = 17  // 486
	CauseNoAnswer    Cause = 19  // 480
	CauseRejected    Cause = 21  // 403 from the other side; sent as 403
	CauseCongestion  Cause = 34  // 503, no circuit
	CauseFailure     Cause = 38  // 500, network out of order
	CauseInterwork   Cause = 127 // 500
)

// CreateRequest describes a channel that is made now and dialled later (Dial), so that it can be put into
// its bridge first. ChannelID and Endpoint are needed.
type CreateRequest struct {
	ChannelID      string
	Endpoint       string // tech/resource: PJSIP/desk1
	AppArgs        string // arguments of its StasisStart, comma-separated
	OtherChannelID string // the second half of a Local channel
	Originator     string // a channel whose codecs are preferred
	Formats        string // codecs, comma-separated, without Originator
	Variables      map[string]string
}

// AddOptions says how channels join a bridge. Adding a channel again changes them: that is how a muted
// listener is unmuted (`DELETE mute` does not do it).
type AddOptions struct {
	Mute                 bool // hears, is not heard
	AbsorbDTMF           bool // keys do not go to the others
	Role                 string
	InhibitConnectedLine bool // do not show the others' identity on its phone
}

// TransferState is what a desk phone that sent a REFER is told of its transfer.
type TransferState string

// The states that /transfer_progress takes.
const (
	TransferProgress    TransferState = "channel_progress"
	TransferAnswered    TransferState = "channel_answered"
	TransferUnavailable TransferState = "channel_unavailable"
	TransferDeclined    TransferState = "channel_declined"
)

// Module is a loaded module of Asterisk.
type Module struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	UseCount     int    `json:"use_count"`
	Status       string `json:"status"` // "Running"
	SupportLevel string `json:"support_level"`
}

// Snapshot is what an Asterisk holds at one moment. Asterisk has no list of live recordings or playbacks:
// ask for each by the name that the journal has.
type Snapshot struct {
	Info        Info // Info.StatusInfo.StartupTime tells whether Asterisk itself was restarted
	Application Application
	Channels    []Channel
	Bridges     []Bridge
}

// StartedAt is when this Asterisk process began.
func (s Snapshot) StartedAt() time.Time { return time.Time(s.Info.StatusInfo.StartupTime) }
