package fact

// DeviceChosen: what the agent takes calls on from here on, over restarts and shifts: "phone" is the desk phone that the
// configuration names, "browser" the page. By is empty when the agent chose, or "rule".
type DeviceChosen struct {
	Agent  string `json:"agent"`
	Device string `json:"device"`
	By     string `json:"by,omitempty"`
}

// PhoneFailed: the agent's desk phone was rung in vain, or was hung up. Why is busy, declined, no-answer, unreachable,
// hung-up or failed. Rest: it is not rung again before somebody asks for it.
type PhoneFailed struct {
	Agent string `json:"agent"`
	Phone string `json:"phone"` // the endpoint
	Why   string `json:"why"`
	Rest  bool   `json:"rest,omitempty"`
}

// PhoneAsked: the agent wants the desk phone rung again.
type PhoneAsked struct {
	Agent string `json:"agent"`
}

func init() {
	register[DeviceChosen]()
	register[PhoneFailed]()
	register[PhoneAsked]()
}

// The kinds.

func (DeviceChosen) Kind() string { return "agent.device" }
func (PhoneFailed) Kind() string  { return "phone.failed" }
func (PhoneAsked) Kind() string   { return "phone.asked" }
