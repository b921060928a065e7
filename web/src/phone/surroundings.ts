/** What a Phone takes from the browser: the place where tests put their own. */
export interface Surroundings {
  media: MediaDevices | undefined;
  window: EventTarget;
  codecs(): readonly RTCRtpCodec[];
  peer(config: RTCConfiguration): RTCPeerConnection;
  sound(): AudioContext;
}

export const browser = (): Surroundings => ({
  media: navigator.mediaDevices,
  window,
  codecs: () => RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [],
  peer: (config) => new RTCPeerConnection(config),
  sound: () => new AudioContext({ latencyHint: 'interactive' }),
});
