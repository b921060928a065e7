package report

import (
	"encoding/json"
	"fmt"

	"hotline/fact"
)

const stateVersion = 1

// MarshalJSON writes the fold for a checkpoint; equal folds are written alike, byte for byte.
func (f *Fold) MarshalJSON() ([]byte, error) { return json.Marshal(f.s) }

// UnmarshalJSON puts the fold back where MarshalJSON saw it; the time zone stays the one New was given.
func (f *Fold) UnmarshalJSON(b []byte) error {
	s := emptyState()
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("figures in the checkpoint: %w", err)
	}
	if s.Version != stateVersion {
		return fmt.Errorf("figures in the checkpoint are of version %d, this program writes %d: begin from an older checkpoint or from the first record", s.Version, stateVersion)
	}
	if s.Calls.Endings == nil {
		s.Calls.Endings = map[fact.Ending]uint64{}
	}
	f.s = s
	return nil
}
