package ari

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	cy "github.com/CyCoreSystems/ari/v5"

	// What encoding/json does (v1), by its authors' coming engine, which reads a frame once: in half of the time.
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	v1 "github.com/go-json-experiment/json/v1"
)

var (
	// reading is as encoding/json reads, but for times: DateTime's own way is encoding/json again, twice in most events.
	reading = json.JoinOptions(v1.DefaultOptionsV1(), json.WithUnmarshalers(json.UnmarshalFromFunc(readTime)))
	// quickly is the same without a look beforehand whether all of the frame is JSON: its errors are other ones.
	quickly = json.JoinOptions(reading, v1.ReportErrorsWithLegacySemantics(false))
)

func readTime(from *jsontext.Decoder, t *DateTime) error {
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	if text.Kind() == '"' {
		if at, err := time.Parse(cy.DateFormat, string(text[1:len(text)-1])); err == nil {
			*t = DateTime(at)
			return nil
		}
	}
	return t.UnmarshalJSON(text) // which says what is wrong
}

// eventTypes makes an empty body, and gives its common part, for each type of event that has a struct.
var eventTypes = map[string]func() (EventBody, *EventData){
	"StasisStart":             func() (EventBody, *EventData) { e := &StasisStart{}; return e, &e.EventData },
	"StasisEnd":               func() (EventBody, *EventData) { e := &StasisEnd{}; return e, &e.EventData },
	"ChannelCreated":          func() (EventBody, *EventData) { e := &ChannelCreated{}; return e, &e.EventData },
	"ChannelDestroyed":        func() (EventBody, *EventData) { e := &ChannelDestroyed{}; return e, &e.EventData },
	"ChannelHangupRequest":    func() (EventBody, *EventData) { e := &ChannelHangupRequest{}; return e, &e.EventData },
	"ChannelStateChange":      func() (EventBody, *EventData) { e := &ChannelStateChange{}; return e, &e.EventData },
	"ChannelDtmfReceived":     func() (EventBody, *EventData) { e := &ChannelDtmfReceived{}; return e, &e.EventData },
	"ChannelHold":             func() (EventBody, *EventData) { e := &ChannelHold{}; return e, &e.EventData },
	"ChannelUnhold":           func() (EventBody, *EventData) { e := &ChannelUnhold{}; return e, &e.EventData },
	"ChannelTalkingStarted":   func() (EventBody, *EventData) { e := &ChannelTalkingStarted{}; return e, &e.EventData },
	"ChannelTalkingFinished":  func() (EventBody, *EventData) { e := &ChannelTalkingFinished{}; return e, &e.EventData },
	"ChannelCallerId":         func() (EventBody, *EventData) { e := &ChannelCallerID{}; return e, &e.EventData },
	"ChannelConnectedLine":    func() (EventBody, *EventData) { e := &ChannelConnectedLine{}; return e, &e.EventData },
	"ChannelDialplan":         func() (EventBody, *EventData) { e := &ChannelDialplan{}; return e, &e.EventData },
	"ChannelVarset":           func() (EventBody, *EventData) { e := &ChannelVarset{}; return e, &e.EventData },
	"ChannelEnteredBridge":    func() (EventBody, *EventData) { e := &ChannelEnteredBridge{}; return e, &e.EventData },
	"ChannelLeftBridge":       func() (EventBody, *EventData) { e := &ChannelLeftBridge{}; return e, &e.EventData },
	"ChannelTransfer":         func() (EventBody, *EventData) { e := &ChannelTransfer{}; return e, &e.EventData },
	"Dial":                    func() (EventBody, *EventData) { e := &Dial{}; return e, &e.EventData },
	"BridgeCreated":           func() (EventBody, *EventData) { e := &BridgeCreated{}; return e, &e.EventData },
	"BridgeDestroyed":         func() (EventBody, *EventData) { e := &BridgeDestroyed{}; return e, &e.EventData },
	"PlaybackStarted":         func() (EventBody, *EventData) { e := &PlaybackStarted{}; return e, &e.EventData },
	"PlaybackContinuing":      func() (EventBody, *EventData) { e := &PlaybackContinuing{}; return e, &e.EventData },
	"PlaybackFinished":        func() (EventBody, *EventData) { e := &PlaybackFinished{}; return e, &e.EventData },
	"RecordingStarted":        func() (EventBody, *EventData) { e := &RecordingStarted{}; return e, &e.EventData },
	"RecordingFinished":       func() (EventBody, *EventData) { e := &RecordingFinished{}; return e, &e.EventData },
	"RecordingFailed":         func() (EventBody, *EventData) { e := &RecordingFailed{}; return e, &e.EventData },
	"ChannelUserevent":        func() (EventBody, *EventData) { e := &ChannelUserevent{}; return e, &e.EventData },
	"ApplicationReplaced":     func() (EventBody, *EventData) { e := &ApplicationReplaced{}; return e, &e.EventData },
	"ApplicationRegistered":   func() (EventBody, *EventData) { e := &ApplicationRegistered{}; return e, &e.EventData },
	"ApplicationUnregistered": func() (EventBody, *EventData) { e := &ApplicationUnregistered{}; return e, &e.EventData },
}

// Decode reads one event as Asterisk sends it and marks it with our name for the node. A type without a
// struct becomes a Generic. An error means that the frame is no event at all; it names the type if it can.
func Decode(node string, frame []byte) (EventBody, error) {
	// Asterisk writes the type first. Where what looks like it is none, or another, and where something is wrong, the frame
	// is read twice.
	likely := likelyType(frame)
	if empty, known := eventTypes[string(likely)]; known {
		body, common := empty()
		if err := json.Unmarshal(frame, body, quickly); err == nil && common.Type == string(likely) {
			common.Node = node
			return checked(body, common.Type)
		}
	}
	var head EventData
	if err := json.Unmarshal(frame, &head, reading); err != nil {
		return nil, fmt.Errorf("event %s: %w", head.Type, err)
	}
	if head.Type == "" {
		return nil, errors.New("event without a type")
	}
	head.Node = node
	empty, known := eventTypes[head.Type]
	if !known {
		return decodeGeneric(head, frame)
	}
	body, common := empty()
	if err := json.Unmarshal(frame, body, reading); err != nil {
		return nil, fmt.Errorf("event %s: %w", head.Type, err)
	}
	common.Node = node
	return checked(body, head.Type)
}

// likelyType is the first "type" in a frame, which may be that of something else.
func likelyType(frame []byte) []byte {
	_, rest, _ := bytes.Cut(frame, []byte(`"type":"`))
	name, _, _ := bytes.Cut(rest, []byte{'"'})
	return name
}

func checked(body EventBody, name string) (EventBody, error) {
	if err := checkSubject(body); err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	return body, nil
}

// checkSubject makes sure that an event names what it is about.
func checkSubject(body EventBody) error {
	keys := body.Keys()
	for _, k := range keys {
		if k.ID == "" {
			return fmt.Errorf("the %s has no id", k.Kind)
		}
	}
	switch body.(type) {
	case *ChannelVarset, *ChannelUserevent, *ApplicationReplaced, *ApplicationRegistered, *ApplicationUnregistered:
		return nil // may be about no channel
	}
	if len(keys) == 0 {
		return errors.New("no id of what it is about")
	}
	return nil
}

func decodeGeneric(head EventData, frame []byte) (EventBody, error) {
	var where struct {
		Channel struct{ ID string } `json:"channel"`
		Bridge  struct{ ID string } `json:"bridge"`
	}
	// An unknown event may use these names for something else; then it has no keys.
	ids := []string{}
	if json.Unmarshal(frame, &where, reading) == nil {
		ids = append(ids, ChannelKey, where.Channel.ID, BridgeKey, where.Bridge.ID)
	}
	return &Generic{EventData: head, Raw: bytes.Clone(frame), ids: ids}, nil
}
