/** One word for how a call sounds; 'none' while nothing is measured. */
export type QualityWord = 'good' | 'fair' | 'poor' | 'none';

/** How the connection does, both ways, over the last seconds. */
export interface Quality {
  word: QualityWord;
  /** share of packets lost, 0 to 1, the worse of both ways */
  loss: number;
  /** milliseconds, the worse of both ways */
  jitter: number;
  /** milliseconds there and back */
  rtt: number;
}

/** What a second's getStats says, of all that it says. */
export interface Sample {
  received: number;
  lost: number;
  /** seconds */
  jitter: number;
  /** by the server's reports on what it hears of us; undefined before the first */
  remoteLoss: number | undefined;
  remoteJitter: number | undefined;
  /** seconds */
  rtt: number | undefined;
}

/** Seconds over which loss is judged: one lost packet is not a poor line. */
const span = 5;

/** Takes a Sample each second and says the Quality. */
export class QualityMeter {
  private readonly samples: Sample[] = [];

  take(sample: Sample): Quality {
    this.samples.push(sample);
    if (this.samples.length > span + 1) this.samples.shift();
    const first = this.samples[0] ?? sample;
    const received = sample.received - first.received;
    const lost = Math.max(0, sample.lost - first.lost);
    const heard = received + lost > 0;
    const loss = Math.max(heard ? lost / (received + lost) : 0, sample.remoteLoss ?? 0);
    const jitter = 1000 * Math.max(heard ? sample.jitter : 0, sample.remoteJitter ?? 0);
    const rtt = 1000 * (sample.rtt ?? 0);
    const measured = heard || sample.remoteLoss !== undefined;
    return { word: measured ? wordFor(loss, jitter, rtt) : 'none', loss, jitter, rtt };
  }

  /** A new connection counts from zero. */
  reset(): void {
    this.samples.length = 0;
  }
}

/**
 * Bounds as people hear them with G.711, which hides single lost packets: up to 2 % goes unnoticed, beyond 5 %
 * words are missing; over 300 ms of round trip speakers begin to talk over each other (ITU-T G.114).
 */
export function wordFor(loss: number, jitter: number, rtt: number): QualityWord {
  if (loss > 0.05 || jitter > 60 || rtt > 600) return 'poor';
  if (loss > 0.02 || jitter > 30 || rtt > 300) return 'fair';
  return 'good';
}

/** Picks a Sample out of RTCPeerConnection.getStats(). */
export function sampleOf(report: RTCStatsReport): Sample {
  const sample: Sample = {
    received: 0,
    lost: 0,
    jitter: 0,
    remoteLoss: undefined,
    remoteJitter: undefined,
    rtt: undefined,
  };
  let pathRtt: number | undefined;
  for (const stat of report.values() as Iterable<Record<string, unknown>>) {
    const number = (name: string) => (typeof stat[name] === 'number' ? stat[name] : undefined);
    if (stat.type === 'inbound-rtp') {
      sample.received = number('packetsReceived') ?? 0;
      sample.lost = number('packetsLost') ?? 0;
      sample.jitter = number('jitter') ?? 0;
    } else if (stat.type === 'remote-inbound-rtp') {
      sample.remoteLoss = number('fractionLost') ?? 0;
      sample.remoteJitter = number('jitter');
      sample.rtt = number('roundTripTime');
    } else if (stat.type === 'candidate-pair' && stat.nominated === true) {
      pathRtt = number('currentRoundTripTime') ?? pathRtt;
    }
  }
  sample.rtt = pathRtt ?? sample.rtt;
  return sample;
}
