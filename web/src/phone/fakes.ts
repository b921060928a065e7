import { vi } from 'vitest';
import type { Surroundings } from './surroundings';

/** A track that can be unplugged. */
export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  readonly kind = 'audio';

  stop(): void {
    this.readyState = 'ended';
  }

  unplug(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeStream {
  constructor(private readonly tracks: FakeTrack[]) {}
  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks;
}

export class FakeDtls extends EventTarget {
  state = 'connected';
}

/** A peer connection that goes where a test sends it. */
export class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: { sdp: string } | null = null;
  answer = '';
  closed = false;
  readonly dtls = new FakeDtls();
  readonly sender = {
    transport: this.dtls,
    track: undefined as unknown,
    replaceTrack: vi.fn(async (track: unknown) => {
      this.sender.track = track;
    }),
    dtmf: {
      toneBuffer: '',
      insertDTMF: vi.fn((tones: string) => {
        this.sender.dtmf.toneBuffer = tones;
      }),
    },
  };
  readonly setCodecPreferences = vi.fn();
  stats: object[] = [];

  constructor(readonly config: RTCConfiguration) {
    super();
  }

  private readonly transceiver = {
    sender: this.sender,
    receiver: { track: new FakeTrack() },
    setCodecPreferences: this.setCodecPreferences,
  };

  addTransceiver(track: unknown) {
    this.sender.track = track;
    return this.transceiver;
  }
  getTransceivers = () => [this.transceiver];
  createOffer = async () => ({ type: 'offer', sdp: 'offer' });
  setLocalDescription = async (description: { sdp: string }) => {
    this.localDescription = description;
  };
  setRemoteDescription = async (description: { sdp: string }) => {
    this.answer = description.sdp;
  };
  getStats = async () => new Map(this.stats.map((stat, i) => [String(i), stat]));

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  hangUpByServer(): void {
    this.dtls.state = 'closed';
    this.dtls.dispatchEvent(new Event('statechange'));
  }

  close(): void {
    this.closed = true;
    this.connectionState = 'closed';
  }
}

/** An audio context in which nothing sounds. */
export class FakeSound {
  sampleRate = 48_000;
  currentTime = 0;
  destination = {};
  closed = false;
  oscillators: { frequency: { value: number } }[] = [];
  readonly setSinkId = vi.fn(async () => {});
  createAnalyser = () => ({
    fftSize: 2048,
    frequencyBinCount: 1024,
    context: this,
    getFloatTimeDomainData: (samples: Float32Array) => samples.fill(0.1),
    getFloatFrequencyData: (bins: Float32Array) => bins.fill(-100),
  });
  createMediaStreamSource = () => ({ connect: () => {}, disconnect: () => {} });
  createGain = () => ({
    gain: { setValueAtTime: () => {}, linearRampToValueAtTime: () => {} },
    connect: () => {},
  });
  createOscillator = () => {
    const oscillator = { frequency: { value: 0 }, connect: () => {}, start: () => {}, stop: () => {} };
    this.oscillators.push(oscillator);
    return oscillator;
  };
  resume = vi.fn(async () => {});
  close = async () => {
    this.closed = true;
  };
}

export const fakeCodecs = [
  { mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  { mimeType: 'audio/PCMA', clockRate: 8000 },
  { mimeType: 'audio/PCMU', clockRate: 8000 },
  { mimeType: 'audio/telephone-event', clockRate: 48000 },
  { mimeType: 'audio/telephone-event', clockRate: 8000 },
];

/** A browser of which everything is false and a test holds the strings. */
export class FakeBrowser {
  readonly peers: FakePeer[] = [];
  readonly microphones: FakeTrack[] = [];
  readonly sounds: FakeSound[] = [];
  readonly window = new EventTarget();
  codecs = fakeCodecs;
  /** What getUserMedia does instead, once. */
  refusals: Error[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  readonly media = Object.assign(new EventTarget(), {
    getUserMedia: async (constraints: MediaStreamConstraints) => {
      this.asked.push(constraints);
      const refusal = this.refusals.shift();
      if (refusal) throw refusal;
      const track = new FakeTrack();
      this.microphones.push(track);
      return new FakeStream([track]);
    },
    enumerateDevices: async () => [
      { kind: 'audioinput', deviceId: 'a' },
      { kind: 'audiooutput', deviceId: 'b' },
      { kind: 'videoinput', deviceId: 'c' },
    ],
  });
  readonly audio = {
    srcObject: null as unknown,
    play: vi.fn(async () => {}),
    setSinkId: vi.fn(async () => {}),
  };

  surroundings(): Surroundings {
    return {
      media: this.media as unknown as MediaDevices,
      window: this.window,
      codecs: () => this.codecs as RTCRtpCodec[],
      peer: (config) => {
        const peer = new FakePeer(config);
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
      sound: () => {
        const sound = new FakeSound();
        this.sounds.push(sound);
        return sound as unknown as AudioContext;
      },
    };
  }

  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('no offer was made');
    return peer;
  }

  get microphone(): FakeTrack {
    const track = this.microphones.at(-1);
    if (!track) throw new Error('no microphone was opened');
    return track;
  }
}

export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
