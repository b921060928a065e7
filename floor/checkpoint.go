package floor

import (
	"encoding/json"
	"fmt"
)

// Save writes the whole state for a checkpoint.
func (f *Floor) Save() ([]byte, error) { return json.Marshal(f.s) }

// Restore is a floor with the state of a checkpoint under a configuration, which may be another than it was saved under.
func Restore(cfg *Config, saved []byte) (*Floor, error) {
	f := New(cfg)
	if len(saved) == 0 {
		return f, nil
	}
	s := f.s
	if err := json.Unmarshal(saved, &s); err != nil {
		return nil, fmt.Errorf("the checkpoint of the floor cannot be read: %w", err)
	}
	f.s, f.due = s, dues{}
	f.setup(cfg)
	return f, nil
}
