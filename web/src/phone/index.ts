// The browser's half of a phone: microphone and loudspeaker joined to the
// server's softphone. No framework in it; the apps build their pages around it.
//
//   microphone ─▶ level ─▶ RTCPeerConnection ⇄ server ─▶ level ─▶ <audio>
//                                ▲ offer/answer by the app's signal()
//
// Phone keeps the connection for a shift: it offers anew when the network or
// the server went away, and says by events how things stand.

export { PhoneError, type PhoneFault } from './fault';
export type { Devices, Processing } from './microphone';
export { Phone, type PhoneEvents, type PhoneOptions, type PhoneState } from './phone';
export type { Quality, QualityWord } from './quality';
