// Package aritest has a scripted Asterisk and the suite that keeps it honest.
//
//	test script ──Call, DTMF, Hangup, PickUp, Inject──▶ Server ◀══ real HTTP and websocket ══▶ ari.Conn
//	            ◀─Channels, Bridges, Requests, WaitFor──┘
//
// [Server] speaks ARI over a real HTTP and websocket port of 127.0.0.1, and behaves as Asterisk 22.10.1 was
// seen to as far as the house uses it: a channel cannot be bridged before its own StasisStart, addChannel
// waits for a running prompt, repeated ids are answered as differently as Asterisk does, events of a gap are
// lost. It carries no sound. Everything a test says or asks may be called by any goroutine.
//
//	srv := aritest.New(t)
//	link, _ := ari.New(srv.Config(), sink)
//	srv.Call("c1", aritest.Caller{Number: "13800138000", Exten: "12345"})
//	srv.WaitFor("the greeting", func() bool { return len(srv.Channel("c1").Playing) == 1 })
//	srv.DTMF("c1", "1")
//	srv.Hangup("c1")
//
// [Conformance] is one suite for the Server and for a real Asterisk: what it holds, centre may rely on.
package aritest
