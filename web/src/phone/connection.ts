import { Backoff } from './backoff';
import { telephoneCodecs } from './codecs';
import { PhoneError } from './fault';
import type { Surroundings } from './surroundings';

/** How the connection to the server stands. */
export type ConnectionState = 'connecting' | 'connected' | 'waiting' | 'closed' | 'refused';

/** Sends an offer to the server and brings back its answer. */
export type Signal = (offer: string, abort: AbortSignal) => Promise<{ answer: string; session: string }>;

export interface ConnectionOptions {
  signal: Signal;
  iceServers: () => RTCIceServer[] | Promise<RTCIceServer[]>;
  surroundings: Surroundings;
  /** the microphone's track, which may change between attempts */
  track: () => MediaStreamTrack;
  onState: (state: ConnectionState, why: string) => void;
  onStream: (stream: MediaStream) => void;
  onSession: (session: string) => void;
  onFault: (error: PhoneError) => void;
  backoff?: Backoff;
}

/** An answered offer that does not connect in this time is offered anew. */
const connectLimit = 10_000;
/** A connection that was interrupted this long is not waited for. */
const patience = 2_000;
/** A connection that lasted this long makes the next trouble a new one. */
const settled = 10_000;

/**
 * Connection keeps one RTCPeerConnection to the server alive: it offers, and offers anew, with growing waits,
 * when that failed or was cut.
 *
 * Offers carry no candidates and nobody waits for them to be gathered: the server is ICE-lite and learns the
 * browser's addresses from its checks.
 */
export class Connection {
  private peer: RTCPeerConnection | undefined;
  private abort: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private readonly backoff: Backoff;
  private closed = false;

  constructor(private readonly options: ConnectionOptions) {
    this.backoff = options.backoff ?? new Backoff();
  }

  /** Offers now, whatever went before. */
  offer(why: string): void {
    if (this.closed) return;
    this.drop();
    const abort = new AbortController();
    this.abort = abort;
    this.options.onState('connecting', why);
    this.attempt(abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) this.failed(error);
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.drop();
    this.options.onState('closed', 'hung up');
  }

  get sender(): RTCRtpSender | undefined {
    return this.peer?.getTransceivers()[0]?.sender;
  }

  stats(): Promise<RTCStatsReport> | undefined {
    return this.peer?.connectionState === 'connected' ? this.peer.getStats() : undefined;
  }

  private async attempt(abort: AbortSignal): Promise<void> {
    const { surroundings, signal } = this.options;
    const codecs = telephoneCodecs(surroundings.codecs());
    const iceServers = await this.options.iceServers();
    if (abort.aborted) return;
    const peer = surroundings.peer({ iceServers, bundlePolicy: 'max-bundle' });
    this.peer = peer;
    const transceiver = peer.addTransceiver(this.options.track(), { direction: 'sendrecv' });
    transceiver.setCodecPreferences(codecs);
    peer.addEventListener('connectionstatechange', () => {
      if (this.peer === peer) this.follow(peer);
    });
    this.options.onStream(new MediaStream([transceiver.receiver.track]));

    await peer.setLocalDescription(await peer.createOffer());
    const { answer, session } = await signal(peer.localDescription?.sdp ?? '', abort);
    if (abort.aborted) return;
    this.options.onSession(session);
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    if (abort.aborted) return;
    // A server that hangs up says so in DTLS, but the peer connection still calls itself connected.
    const dtls = transceiver.sender.transport;
    dtls?.addEventListener('statechange', () => {
      if (this.peer === peer && dtls.state === 'closed') this.failed(new Error('the server hung up'));
    });
    if (peer.connectionState === 'connected') return;
    this.later(connectLimit, () => this.failed(new Error('no connection within 10 seconds of the answer')));
  }

  /** What each state of the peer connection asks for. */
  private follow(peer: RTCPeerConnection): void {
    switch (peer.connectionState) {
      case 'connected':
        clearTimeout(this.timer);
        this.settling = setTimeout(() => this.backoff.reset(), settled);
        this.options.onState('connected', '');
        break;
      case 'disconnected':
        this.options.onState('waiting', 'the connection is interrupted');
        this.later(patience, () => this.offer('the connection was interrupted'));
        break;
      case 'failed':
      case 'closed':
        this.failed(new Error('the connection was cut'));
        break;
    }
  }

  /** Waits, longer each time, and offers again; a refusal for good ends it. */
  private failed(error: unknown): void {
    this.drop();
    if (this.closed) return;
    const fault =
      error instanceof PhoneError
        ? error
        : new PhoneError('unreachable', error instanceof Error ? error.message : String(error), {
            cause: error,
          });
    this.options.onFault(fault);
    if (fault.fault === 'refused' || fault.fault === 'codec') {
      this.options.onState('refused', fault.message);
      return;
    }
    this.options.onState('waiting', fault.message);
    this.later(this.backoff.next(), () => this.offer('trying again'));
  }

  private later(wait: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, wait);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.settling);
    this.abort?.abort();
    this.abort = undefined;
    const { peer } = this;
    this.peer = undefined; // its events no longer count
    peer?.close();
  }
}
