//go:build e2e

package e2e

import "github.com/chromedp/cdproto/runtime"

// awaitPromise makes Evaluate wait for what a promise gives.
func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
