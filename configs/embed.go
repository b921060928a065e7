// Package configs carries the sample centre, hotline.yaml and its flows, built into the binary for the demo, and the
// simulator's sample scenarios, for the page on which managers try them.
package configs

import "embed"

// Files holds hotline.yaml, flows/*.yaml and scenarios/*.yaml.
//
//go:embed hotline.yaml flows/*.yaml scenarios/*.yaml
var Files embed.FS
