// Package sandbox starts a private Asterisk and a private PostgreSQL, for the
// demo and for tests that want the real thing.
//
//	demo / test ── StartAsterisk ──▶ asterisk   configs/asterisk rendered into Dir/etc;
//	     │                                      ARI and SIP on 127.0.0.1, ports of its own
//	     └──────── StartPostgres ──▶ postgres   a cluster in Dir/data, a socket that only
//	                                            this user may open, no TCP port
//
// Both run as root and as an ordinary user, and both see the machine's file
// system as it is. Asterisk is the machine's own (20 or newer) or comes from a
// private root that scripts/asterisk-root made; FindAsterisk says which. It runs
// straight from that root through the root's own dynamic loader, so it needs
// neither chroot nor mounts, and `sound:/any/absolute/path` plays.
//
// A started process never outlives the program that started it: the kernel
// ends it with its parent (even one killed by SIGKILL), and it is in a process
// group of its own, so that Ctrl-C reaches only us and we stop it in order.
// Start returns when the server answers; Stop is bounded and may be repeated.
package sandbox
