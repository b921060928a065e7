// A phone without a microphone, for `npm run mock`: it says that all is well and moves the level a little.
import { Emitter } from '../src/phone/emitter';
import type { PhoneEvents, PhoneState } from '../src/phone/phone';

export { PhoneError } from '../src/phone/fault';

export class Phone extends Emitter<PhoneEvents> {
  state: PhoneState = 'off';
  muted = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly options: { signal?: (offer: string, abort: AbortSignal) => Promise<unknown> };

  constructor(options: { signal?: (offer: string, abort: AbortSignal) => Promise<unknown> }) {
    super();
    this.options = options;
  }

  async start(): Promise<void> {
    this.become('connecting');
    await this.options.signal?.('v=0', new AbortController().signal);
    await new Promise((r) => setTimeout(r, 100));
    this.become('connected');
    this.emit('quality', { word: 'good', loss: 0, jitter: 4, rtt: 22 });
    let phase = 0;
    this.timer = setInterval(() => {
      phase += 0.6;
      const v = this.muted ? 0 : 0.35 + 0.25 * Math.sin(phase) * Math.sin(phase / 3);
      this.emit('levels', { microphone: v, remote: v / 2 });
    }, 100);
  }
  stop(): void {
    clearInterval(this.timer);
    this.become('off');
  }
  reattach(): void {}
  async unlock(): Promise<void> {}
  setMuted(muted: boolean): void {
    this.muted = muted;
    this.emit('muted', muted);
  }
  setLive(): void {}
  press(): void {}
  async devices() {
    const device = (deviceId: string, label: string) => ({ deviceId, label, kind: '', groupId: '' });
    return {
      inputs: [device('a', 'Jabra Evolve2 40'), device('b', 'Built-in microphone')],
      outputs: [device('a', 'Jabra Evolve2 40'), device('c', 'Built-in speakers')],
    };
  }
  async setInput(): Promise<void> {}
  async setOutput(): Promise<void> {}
  ring(): void {}
  stopRinging(): void {}
  zip(): void {}
  peakHz(): number {
    return 0;
  }
  private become(state: PhoneState): void {
    this.state = state;
    this.emit('state', { state, why: '' });
  }
}
