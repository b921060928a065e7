// Package asterisk carries the configuration that Asterisk needs beside hotline.
//
//	hotline/   what every Asterisk includes that serves hotline, the private one
//	           and the one a house already runs: plain files, nothing to fill in
//	sandbox/   the rest of a private instance (text/template), which includes
//	           the files of hotline/ and adds directories, ports and passwords
//
// The demo and the tests run on the very files that an operator includes, so
// what was tested is what is shipped.
package asterisk

import "embed"

// Files holds both folders by their names above.
//
//go:embed hotline/*.conf sandbox/*.conf
var Files embed.FS
