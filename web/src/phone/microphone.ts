import { PhoneError, type PhoneFault } from './fault';

/** What the browser does to the microphone's sound before it is sent. */
export interface Processing {
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

export const standardProcessing: Processing = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** The devices to choose from. Their labels are empty until the microphone was allowed. */
export interface Devices {
  inputs: MediaDeviceInfo[];
  outputs: MediaDeviceInfo[];
}

/** Opens the microphone; a chosen one that is gone gives way to the standard one. */
export async function openMicrophone(
  media: MediaDevices | undefined,
  device: string | undefined,
  processing: Processing,
): Promise<MediaStream> {
  if (!media) {
    throw new PhoneError(
      'insecure',
      'the browser gives a microphone only to pages by HTTPS or from localhost',
    );
  }
  const audio: MediaTrackConstraints = { ...processing, channelCount: 1 };
  try {
    if (!device) return await media.getUserMedia({ audio, video: false });
    try {
      return await media.getUserMedia({ audio: { ...audio, deviceId: { exact: device } }, video: false });
    } catch (error) {
      if (faultOf(error) !== 'missing') throw error;
      return await media.getUserMedia({ audio, video: false });
    }
  } catch (error) {
    throw new PhoneError(faultOf(error), `the microphone could not be opened: ${String(error)}`, {
      cause: error,
    });
  }
}

/** The names that getUserMedia's errors have in the standard, as faults. */
export function faultOf(error: unknown): PhoneFault {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    default:
      return 'busy';
  }
}

export async function listDevices(media: MediaDevices | undefined): Promise<Devices> {
  const all = (await media?.enumerateDevices()) ?? [];
  return {
    inputs: all.filter((device) => device.kind === 'audioinput'),
    outputs: all.filter((device) => device.kind === 'audiooutput'),
  };
}
