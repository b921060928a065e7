package ari

import (
	"context"
	"io"
	"time"
)

// Client is what one Asterisk can be asked. All methods may be called by any goroutine, are bounded by
// their context and Config.RequestTimeout, and fail with an *Error.
type Client interface {
	ChannelClient
	BridgeClient
	PlaybackClient
	RecordingClient
	AsteriskClient
}

// ChannelClient asks for and changes channels. Unless said otherwise a channel must be in Stasis (its
// StasisStart was seen), or the request is a conflict.
//
// Asterisk takes a new channel id for one in use when an id in use begins with it, whatever the case: with
// "c1-in" alive no "c1" can be made. And once an HTTP thread of it has met such a conflict, its next failure
// to make a channel may be called a conflict too: GET the id to know.
type ChannelClient interface {
	// Channels lists all channels of Asterisk, those outside Stasis too.
	Channels(ctx context.Context) ([]Channel, error)
	// Channel gives one channel, in Stasis or not.
	Channel(ctx context.Context, id string) (Channel, error)
	Answer(ctx context.Context, id string) error
	// Hangup ends a channel, in Stasis or not. An unanswered caller is refused with the cause's SIP status.
	Hangup(ctx context.Context, id string, cause Cause) error
	Ring(ctx context.Context, id string) error
	StopRing(ctx context.Context, id string) error
	// Continue sends the channel on in the dialplan. Empty context and exten and priority 0 mean the next step.
	Continue(ctx context.Context, id, dialplan, exten string, priority int) error
	StartMOH(ctx context.Context, id, class string) error
	StopMOH(ctx context.Context, id string) error
	StartSilence(ctx context.Context, id string) error
	StopSilence(ctx context.Context, id string) error
	Hold(ctx context.Context, id string) error
	Unhold(ctx context.Context, id string) error
	Mute(ctx context.Context, id string, direction Direction) error
	Unmute(ctx context.Context, id string, direction Direction) error
	SetVar(ctx context.Context, id, name, value string) error
	// GetVar gives a variable or function of the channel; one that is not set is not found.
	GetVar(ctx context.Context, id, name string) (string, error)
	SendDTMF(ctx context.Context, id, digits string) error
	// TransferProgress tells a phone that sent a REFER how its transfer goes.
	TransferProgress(ctx context.Context, id string, state TransferState) error
	// Play plays media ("sound:…", "tone:…") one after the other. Said twice, it plays twice.
	Play(ctx context.Context, channel, playback string, media ...string) (Playback, error)
	// Record records what the channel says, under a name whose folder must exist under recording/.
	Record(ctx context.Context, channel, name string, o RecordingOptions) (LiveRecording, error)
	// Snoop makes a channel that hears or whispers to another. It enters Stasis by its own StasisStart, and
	// its end is told by StasisEnd alone. Asterisk keeps it in its list until a frame passes on the channel it
	// is on. Said twice it is a 500.
	Snoop(ctx context.Context, channel, snoop string, o SnoopOptions) (Channel, error)
	// ExternalMedia makes an RTP leg; ChannelID, ExternalHost and Format are needed. Asterisk's own port is in
	// the answer's ChannelVars and in the variable UNICASTRTP_LOCAL_PORT. Said twice it is a 500.
	ExternalMedia(ctx context.Context, o ExternalMediaOptions) (Channel, error)
	// Create makes a channel that Dial rings later.
	Create(ctx context.Context, r CreateRequest) (Channel, error)
	// Dial rings a created channel for at most timeout (whole seconds; 0: no limit).
	Dial(ctx context.Context, id, caller string, timeout time.Duration) error
	// Originate makes and rings a channel that enters Stasis (or the dialplan) when it answers.
	Originate(ctx context.Context, r OriginateRequest) (Channel, error)
}

// BridgeClient asks for and changes bridges.
type BridgeClient interface {
	Bridges(ctx context.Context) ([]Bridge, error)
	Bridge(ctx context.Context, id string) (Bridge, error)
	CreateBridge(ctx context.Context, id string, kind BridgeType, name string) (Bridge, error)
	// DestroyBridge ends a bridge; channels in it stay in Stasis. BridgeDestroyed is told at times only.
	DestroyBridge(ctx context.Context, id string) error
	// AddChannel moves channels into the bridge, out of another one if need be. It waits for a prompt that
	// runs on a channel: stop that first. A channel under Record is a conflict.
	AddChannel(ctx context.Context, bridge string, o AddOptions, channels ...string) error
	RemoveChannel(ctx context.Context, bridge string, channels ...string) error
	// StartBridgeMOH begins the bridge's music; where it plays already it breaks off and begins anew.
	StartBridgeMOH(ctx context.Context, id, class string) error
	StopBridgeMOH(ctx context.Context, id string) error
	PlayOnBridge(ctx context.Context, bridge, playback string, media ...string) (Playback, error)
	RecordBridge(ctx context.Context, bridge, name string, o RecordingOptions) (LiveRecording, error)
}

// PlaybackClient asks for and stops playbacks; a finished one is not found.
type PlaybackClient interface {
	Playback(ctx context.Context, id string) (Playback, error)
	StopPlayback(ctx context.Context, id string) error
}

// RecordingClient steers recordings under way and hands out those that are done.
type RecordingClient interface {
	LiveRecording(ctx context.Context, name string) (LiveRecording, error)
	// StopRecording ends a recording and keeps it.
	StopRecording(ctx context.Context, name string) error
	// MuteRecording records silence until UnmuteRecording: the length stays true.
	MuteRecording(ctx context.Context, name string) error
	UnmuteRecording(ctx context.Context, name string) error
	StoredRecordings(ctx context.Context) ([]StoredRecording, error)
	StoredRecording(ctx context.Context, name string) (StoredRecording, error)
	DeleteRecording(ctx context.Context, name string) error
	// RecordingFile streams the file; only the start is bounded by RequestTimeout. The caller closes it.
	RecordingFile(ctx context.Context, name string) (io.ReadCloser, error)
}

// AsteriskClient asks for Asterisk itself.
type AsteriskClient interface {
	Info(ctx context.Context) (Info, error)
	Ping(ctx context.Context) error
	Application(ctx context.Context, name string) (Application, error)
	Modules(ctx context.Context) ([]Module, error)
	// HasSound tells whether Asterisk has a sound of its own, such as beep, in any language.
	HasSound(ctx context.Context, id string) (bool, error)
	// GlobalVar gives a global variable, which lives as long as Asterisk does; one that is not set is empty.
	GlobalVar(ctx context.Context, name string) (string, error)
	SetGlobalVar(ctx context.Context, name, value string) error
}

var _ Client = (*Conn)(nil)
