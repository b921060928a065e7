// Package configs carries the sample centre: hotline.yaml and its flows, built into the binary for the demo.
package configs

import "embed"

// Files holds hotline.yaml and flows/*.yaml.
//
//go:embed hotline.yaml flows/*.yaml
var Files embed.FS
