import { Connection, type ConnectionState, type Signal } from './connection';
import { Emitter } from './emitter';
import { PhoneError } from './fault';
import { level, peakHz } from './meter';
import { type Devices, listDevices, openMicrophone, type Processing, standardProcessing } from './microphone';
import { type Quality, QualityMeter, sampleOf } from './quality';
import { browser, type Surroundings } from './surroundings';
import { Tones } from './tones';

/**
 * off: before start() and after stop(). starting: the microphone is asked for. connecting: an offer is on its
 * way. connected: sound flows. waiting: the connection is away, the phone tries again by itself. refused: the
 * server or the browser does not go along; only start() tries again.
 */
export type PhoneState = 'off' | 'starting' | Exclude<ConnectionState, 'closed'>;

export interface PhoneEvents {
  state: { state: PhoneState; why: string };
  /** The server's id of this connection, at each new one. */
  session: string;
  /** Ten times a second, 0 to 1. */
  levels: { microphone: number; remote: number };
  /** Each second while connected. */
  quality: Quality;
  muted: boolean;
  /** Devices came or went. */
  devices: Devices;
  fault: PhoneError;
}

export interface PhoneOptions {
  /** Sends the offer to the server. Throw a PhoneError 'refused' to end the trying. */
  signal: Signal;
  /** Plays what the other side says. */
  audio: HTMLAudioElement;
  /** STUN and TURN servers, asked for before each offer: their passwords expire. */
  iceServers?: () => RTCIceServer[] | Promise<RTCIceServer[]>;
  /** Device ids that were chosen earlier. */
  input?: string;
  output?: string;
  processing?: Partial<Processing>;
  surroundings?: Surroundings;
}

const levelPeriod = 100;
const qualityPeriod = 1000;

/** One user's telephone, for a shift. */
export class Phone extends Emitter<PhoneEvents> {
  private readonly surroundings: Surroundings;
  private readonly audio: HTMLAudioElement;
  private readonly processing: Processing;
  private readonly meter = new QualityMeter();
  private current: PhoneState = 'off';
  private connection: Connection | undefined;
  private sound: AudioContext | undefined;
  private tones: Tones | undefined;
  private microphone: MediaStream | undefined;
  private microphoneSource: MediaStreamAudioSourceNode | undefined;
  private microphoneAnalyser: AnalyserNode | undefined;
  private remoteSource: MediaStreamAudioSourceNode | undefined;
  private hears: AnalyserNode | undefined;
  private input: string | undefined;
  private output: string | undefined;
  private isMuted = false;
  private isLive = true;
  private undo: (() => void)[] = [];
  /** Grows at each start and stop: what began before is stale. */
  private run = 0;

  constructor(private readonly options: PhoneOptions) {
    super();
    this.surroundings = options.surroundings ?? browser();
    this.audio = options.audio;
    this.processing = { ...standardProcessing, ...options.processing };
    this.input = options.input;
    this.output = options.output;
  }

  get state(): PhoneState {
    return this.current;
  }

  get muted(): boolean {
    return this.isMuted;
  }

  /** What this user hears, for meters and for tests; undefined before start(). */
  get remoteAnalyser(): AnalyserNode | undefined {
    return this.hears;
  }

  /** The loudest frequency that this user hears just now, in Hz; 0 in silence. */
  peakHz(): number {
    return this.hears ? peakHz(this.hears) : 0;
  }

  /**
   * Opens the microphone and connects. Call it from a click: browsers play no sound before one. Throws a
   * PhoneError when there is no microphone to be had; what happens after that comes as events.
   */
  async start(): Promise<void> {
    if (this.current !== 'off' && this.current !== 'refused') return;
    this.shut();
    const run = this.run;
    this.become('starting', '');
    try {
      const sound = this.surroundings.sound();
      this.sound = sound;
      this.tones = new Tones(sound);
      this.hears = sound.createAnalyser();
      this.hears.fftSize = 4096;
      this.hears.smoothingTimeConstant = 0;
      this.microphoneAnalyser = sound.createAnalyser();
      this.microphoneAnalyser.fftSize = 1024;
      const stream = await openMicrophone(this.surroundings.media, this.input, this.processing);
      if (run !== this.run) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.speakThrough(stream);
    } catch (error) {
      if (run !== this.run) return;
      this.shut();
      const why = error instanceof Error ? error.message : String(error);
      this.become('off', why);
      throw error instanceof PhoneError ? error : new PhoneError('busy', why, { cause: error });
    }
    this.watch();
    await this.applyOutput();
    if (run !== this.run) return;
    this.connection = new Connection({
      signal: this.options.signal,
      iceServers: this.options.iceServers ?? (() => []),
      surroundings: this.surroundings,
      track: () => this.track(),
      onState: (state, why) => {
        if (state !== 'connected') this.meter.reset();
        if (state !== 'closed') this.become(state, why);
      },
      onStream: (remote) => this.listenTo(remote),
      onSession: (session) => this.emit('session', session),
      onFault: (error) => this.emit('fault', error),
    });
    this.connection.offer('start');
  }

  /** Hangs up and lets go of the microphone. */
  stop(): void {
    if (this.current === 'off') return;
    this.shut();
    this.become('off', 'stopped');
  }

  /** Connects anew at once: for a page that learned, by its websocket say, that the server was restarted. */
  reattach(why: string): void {
    this.connection?.offer(why);
  }

  /** Opens the microphone again and connects anew: for a page of which the server hears nothing. */
  async renew(why: string): Promise<void> {
    if (!this.connection) return;
    await this.replaceMicrophone().catch(this.tell);
    this.reattach(why);
  }

  /** From a click, after the fault 'blocked'. */
  async unlock(): Promise<void> {
    await this.sound?.resume();
    await this.play();
  }

  setMuted(muted: boolean): void {
    this.isMuted = muted;
    this.openOrCloseMicrophone();
    this.emit('muted', muted);
  }

  /** Closes the microphone between calls, whatever muted says: packets of silence are sent. */
  setLive(live: boolean): void {
    this.isLive = live;
    this.openOrCloseMicrophone();
  }

  /** Sends keys (0-9 * # A-D; a comma waits two seconds) and lets the user hear them. */
  press(keys: string): void {
    const clean = keys.toUpperCase();
    if (!/^[0-9A-D*#,]+$/.test(clean)) throw new RangeError(`"${keys}" has keys that no telephone has`);
    const dtmf = this.connection?.sender?.dtmf;
    if (!dtmf || this.current !== 'connected')
      throw new PhoneError('unreachable', 'keys need a connected phone');
    dtmf.insertDTMF(dtmf.toneBuffer + clean, 100, 70); // it replaces what has not been sent yet
    for (const key of clean.length === 1 ? clean : '') this.tones?.key(key);
  }

  devices(): Promise<Devices> {
    return listDevices(this.surroundings.media);
  }

  /** Another microphone, in a call too: nothing is offered anew unless the browser insists. */
  async setInput(device: string | undefined): Promise<void> {
    this.input = device;
    if (this.microphone) await this.replaceMicrophone();
  }

  /** Another loudspeaker, for the caller's voice and the tones. */
  async setOutput(device: string | undefined): Promise<void> {
    this.output = device;
    await this.applyOutput();
  }

  ring(): void {
    this.tones?.ring();
  }

  stopRinging(): void {
    this.tones?.silence();
  }

  zip(): void {
    this.tones?.zip();
  }

  private become(state: PhoneState, why: string): void {
    if (state === this.current && !why) return;
    this.current = state;
    this.emit('state', { state, why });
  }

  private track(): MediaStreamTrack {
    const track = this.microphone?.getAudioTracks()[0];
    if (!track) throw new PhoneError('missing', 'there is no microphone');
    return track;
  }

  private speakThrough(stream: MediaStream): void {
    this.microphoneSource?.disconnect();
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = stream;
    this.openOrCloseMicrophone();
    const { sound, microphoneAnalyser } = this;
    if (sound && microphoneAnalyser) {
      this.microphoneSource = sound.createMediaStreamSource(stream);
      this.microphoneSource.connect(microphoneAnalyser);
    }
    // Unplugged: go on with what is left. stop() of our own fires no 'ended'.
    const run = this.run;
    this.track().addEventListener('ended', () => {
      if (run === this.run && this.microphone === stream) void this.replaceMicrophone().catch(this.tell);
    });
  }

  private openOrCloseMicrophone(): void {
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = this.isLive && !this.isMuted;
  }

  private async replaceMicrophone(): Promise<void> {
    const run = this.run;
    const stream = await openMicrophone(this.surroundings.media, this.input, this.processing);
    if (run !== this.run) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.speakThrough(stream);
    try {
      await this.connection?.sender?.replaceTrack(this.track());
    } catch {
      this.connection?.offer('the microphone was changed'); // a track that needs a negotiation gets one
    }
  }

  private listenTo(remote: MediaStream): void {
    const { sound, hears } = this;
    if (!sound || !hears) return;
    // The element first: Chromium's analyser hears a remote stream only while an element plays it.
    this.audio.srcObject = remote;
    void this.play();
    this.remoteSource?.disconnect();
    this.remoteSource = sound.createMediaStreamSource(remote);
    this.remoteSource.connect(hears);
  }

  private async play(): Promise<void> {
    try {
      await this.audio.play();
    } catch (error) {
      // A newer stream took the element's place: that one plays.
      if (error instanceof Error && error.name === 'AbortError') return;
      this.tell(new PhoneError('blocked', 'the browser plays no sound before a click', { cause: error }));
    }
  }

  private async applyOutput(): Promise<void> {
    const { output, sound } = this;
    if (output === undefined) return;
    const players = [
      this.audio,
      sound as (AudioContext & Partial<Pick<HTMLAudioElement, 'setSinkId'>>) | undefined,
    ];
    for (const player of players) {
      try {
        await player?.setSinkId?.(output);
      } catch (error) {
        this.tell(
          new PhoneError('output', `this loudspeaker cannot be used: ${String(error)}`, { cause: error }),
        );
        return;
      }
    }
  }

  /** Begins everything that lasts until stop. */
  private watch(): void {
    const levels = setInterval(() => this.tellLevels(), levelPeriod);
    const quality = setInterval(() => void this.measure().catch(this.tell), qualityPeriod);
    this.undo.push(
      () => clearInterval(levels),
      () => clearInterval(quality),
    );
    const listen = (target: EventTarget | undefined, name: string, then: () => void) => {
      target?.addEventListener(name, then);
      this.undo.push(() => target?.removeEventListener(name, then));
    };
    listen(this.surroundings.window, 'online', () => this.connection?.offer('the network is back'));
    listen(this.surroundings.window, 'pointerdown', () => void this.sound?.resume());
    listen(this.surroundings.media, 'devicechange', () => {
      void this.devices().then((devices) => this.emit('devices', devices), this.tell);
    });
  }

  private tellLevels(): void {
    const { microphoneAnalyser, hears } = this;
    if (microphoneAnalyser && hears) {
      this.emit('levels', { microphone: level(microphoneAnalyser), remote: level(hears) });
    }
  }

  private async measure(): Promise<void> {
    const report = await this.connection?.stats();
    if (report && this.current === 'connected') this.emit('quality', this.meter.take(sampleOf(report)));
  }

  private readonly tell = (error: unknown): void => {
    this.emit(
      'fault',
      error instanceof PhoneError ? error : new PhoneError('busy', String(error), { cause: error }),
    );
  };

  /** Lets go of everything; safe at any time. */
  private shut(): void {
    this.run++;
    for (const undo of this.undo.splice(0)) undo();
    this.tones?.silence();
    this.connection?.close();
    this.microphoneSource?.disconnect();
    this.remoteSource?.disconnect();
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.audio.srcObject = null;
    void this.sound?.close();
    this.connection = undefined;
    this.sound = undefined;
    this.tones = undefined;
    this.microphone = undefined;
    this.hears = undefined;
    this.microphoneAnalyser = undefined;
  }
}
