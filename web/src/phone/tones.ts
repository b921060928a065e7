/** The two tones of each key (ITU-T Q.23), so that a pressed key is also heard. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keypad = '123A456B789C*0#D';

export function keyTones(key: string): [number, number] | undefined {
  const at = keypad.indexOf(key);
  const row = rows[Math.floor(at / 4)];
  const column = columns[at % 4];
  return key.length === 1 && row && column ? [row, column] : undefined;
}

/** Sounds that only this user hears: an offer rings, a call that comes by itself begins with a zip. */
export class Tones {
  private ringing: (() => void) | undefined;

  constructor(private readonly context: AudioContext) {}

  /** Rings, one second in three, until silenced. */
  ring(): void {
    if (this.ringing) return;
    const burst = () => this.play([440, 480], 1, 0.25);
    burst();
    const timer = setInterval(burst, 3000);
    this.ringing = () => clearInterval(timer);
  }

  silence(): void {
    this.ringing?.();
    this.ringing = undefined;
  }

  /** Two short rising beeps: somebody is on the line now. */
  zip(): void {
    this.play([880], 0.08, 0.2);
    this.play([1320], 0.12, 0.2, 0.1);
  }

  key(key: string): void {
    const tones = keyTones(key);
    if (tones) this.play(tones, 0.1, 0.1);
  }

  /** Plays tones together for some seconds, with soft edges so that they don't click. */
  private play(frequencies: number[], seconds: number, loudness: number, delay = 0): void {
    const { context } = this;
    const start = context.currentTime + delay;
    const volume = context.createGain();
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(loudness / frequencies.length, start + 0.01);
    volume.gain.setValueAtTime(loudness / frequencies.length, start + seconds - 0.02);
    volume.gain.linearRampToValueAtTime(0, start + seconds);
    volume.connect(context.destination);
    for (const frequency of frequencies) {
      const tone = context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(volume);
      tone.start(start);
      tone.stop(start + seconds);
    }
  }
}
