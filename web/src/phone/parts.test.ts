import { describe, expect, it } from 'vitest';
import { telephoneCodecs } from './codecs';
import { fakeCodecs } from './fakes';
import { level, peakHz } from './meter';
import { QualityMeter, type Sample, sampleOf, wordFor } from './quality';
import { keyTones } from './tones';

describe('codecs', () => {
  it('without the telephone’s are named', () => {
    const all = fakeCodecs.filter((codec) => codec.clockRate === 48000) as RTCRtpCodec[];
    expect(() => telephoneCodecs(all)).toThrow(/audio\/opus\/48000/);
  });
  it('with one of the two are enough', () => {
    const all = fakeCodecs.filter((codec) => codec.mimeType !== 'audio/PCMU') as RTCRtpCodec[];
    expect(telephoneCodecs(all).map((codec) => codec.mimeType)).toEqual([
      'audio/PCMA',
      'audio/telephone-event',
    ]);
  });
});

describe('quality', () => {
  it.each([
    [0, 5, 40, 'good'],
    [0.02, 30, 300, 'good'],
    [0.021, 5, 40, 'fair'],
    [0, 31, 40, 'fair'],
    [0, 5, 301, 'fair'],
    [0.051, 5, 40, 'poor'],
    [0, 61, 40, 'poor'],
    [0, 5, 601, 'poor'],
  ])('of loss %d, jitter %d ms, round trip %d ms is %s', (loss, jitter, rtt, word) => {
    expect(wordFor(loss, jitter, rtt)).toBe(word);
  });

  const sample = (received: number, lost: number, rest: Partial<Sample> = {}): Sample => ({
    received,
    lost,
    jitter: 0,
    remoteLoss: undefined,
    remoteJitter: undefined,
    rtt: undefined,
    ...rest,
  });

  it('judges loss over five seconds', () => {
    const meter = new QualityMeter();
    expect(meter.take(sample(0, 0)).word).toBe('none');
    for (let second = 1; second <= 5; second++) meter.take(sample(50 * second, 0));
    expect(meter.take(sample(299, 1)).word).toBe('good');
    expect(meter.take(sample(319, 31))).toMatchObject({ word: 'poor' });
    for (let second = 1; second <= 6; second++) meter.take(sample(319 + 50 * second, 31));
    expect(meter.take(sample(700, 31))).toMatchObject({ word: 'good', loss: 0 });
  });

  it('knows by the server’s reports how the other side hears us', () => {
    const meter = new QualityMeter();
    expect(meter.take(sample(0, 0, { remoteLoss: 0.1, remoteJitter: 0.01, rtt: 0.05 }))).toEqual({
      word: 'poor',
      loss: 0.1,
      jitter: 10,
      rtt: 50,
    });
  });

  it('is read from the browser’s statistics', () => {
    const report = new Map<string, object>([
      ['1', { type: 'inbound-rtp', packetsReceived: 7, packetsLost: 2, jitter: 0.01 }],
      ['2', { type: 'remote-inbound-rtp', fractionLost: 0.25, jitter: 0.02, roundTripTime: 0.3 }],
      ['3', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
      ['4', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.04 }],
      ['5', { type: 'codec' }],
    ]);
    expect(sampleOf(report as RTCStatsReport)).toEqual({
      received: 7,
      lost: 2,
      jitter: 0.01,
      remoteLoss: 0.25,
      remoteJitter: 0.02,
      rtt: 0.04,
    });
  });
});

describe('meters', () => {
  const analyser = (parts: object) =>
    ({
      fftSize: 4096,
      frequencyBinCount: 2048,
      context: { sampleRate: 48000 },
      ...parts,
    }) as unknown as AnalyserNode;

  it.each([
    [1, 1],
    [0.1, 2 / 3],
    [0.001, 0],
    [0, 0],
  ])('show an amplitude of %d as %d', (amplitude, shown) => {
    const of = analyser({ getFloatTimeDomainData: (samples: Float32Array) => samples.fill(amplitude) });
    expect(level(of)).toBeCloseTo(shown, 5);
  });

  it('name the loudest frequency between two bins', () => {
    const of = analyser({
      getFloatFrequencyData: (bins: Float32Array) => {
        bins.fill(-120);
        bins.set([-40, -20, -20, -40], 36);
      },
    });
    expect(peakHz(of)).toBeCloseTo(37.5 * (48000 / 4096), 3);
  });

  it('name nothing in silence', () => {
    expect(peakHz(analyser({ getFloatFrequencyData: (bins: Float32Array) => bins.fill(-90) }))).toBe(0);
    const dead = (bins: Float32Array) => bins.fill(Number.NEGATIVE_INFINITY);
    expect(peakHz(analyser({ getFloatFrequencyData: dead }))).toBe(0);
  });
});

describe('key tones', () => {
  it.each([
    ['1', [697, 1209]],
    ['0', [941, 1336]],
    ['#', [941, 1477]],
    ['D', [941, 1633]],
    ['x', undefined],
    ['', undefined],
  ])('of %s', (key, tones) => {
    expect(keyTones(key)).toEqual(tones);
  });
});
