import { PhoneError } from './fault';

/** What the telephone side speaks, best first; it chooses between the first two. */
const spoken = ['audio/pcmu', 'audio/pcma', 'audio/telephone-event'];

/**
 * The browser's codecs that the telephone side speaks, for setCodecPreferences. All have a clock of 8 kHz:
 * browsers also list telephone-event for opus' 48 kHz.
 */
export function telephoneCodecs(all: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const ours = spoken.flatMap((mime) =>
    all.filter((codec) => codec.mimeType.toLowerCase() === mime && codec.clockRate === 8000),
  );
  const has = (mime: string) => ours.some((codec) => codec.mimeType.toLowerCase() === mime);
  if (!has('audio/telephone-event') || !(has('audio/pcmu') || has('audio/pcma'))) {
    const names = all.map((codec) => `${codec.mimeType}/${codec.clockRate}`).join(', ');
    throw new PhoneError('codec', `this browser has no PCMU or PCMA with telephone-event, only ${names}`);
  }
  return ours;
}
