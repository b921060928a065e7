/** The quietest that a meter shows, in dB below full scale. */
const floor = -60;
/** Below this nothing is heard, so there is no peak to name. */
const silence = -70;

/** How loud an analyser's newest samples are: 0 silence, 1 full scale, even steps in dB. */
export function level(analyser: AnalyserNode): number {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - db / floor));
}

/** The loudest frequency, between two bins by a parabola through its neighbours; 0 in silence. */
export function peakHz(analyser: AnalyserNode): number {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let peak = 1;
  for (let i = 2; i < bins.length - 1; i++) {
    if ((bins[i] ?? floor) > (bins[peak] ?? floor)) peak = i;
  }
  const [before, top, after] = [bins[peak - 1], bins[peak], bins[peak + 1]];
  if (before === undefined || top === undefined || after === undefined || !(top > silence)) return 0;
  const bend = before - 2 * top + after;
  const shift = Number.isFinite(bend) && bend < 0 ? (before - after) / (2 * bend) : 0;
  return ((peak + shift) * analyser.context.sampleRate) / analyser.fftSize;
}
