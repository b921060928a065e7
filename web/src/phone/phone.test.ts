import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBrowser, FakeStream, named } from './fakes';
import { Phone, PhoneError, type PhoneEvents, type PhoneOptions } from './index';

let fake: FakeBrowser;
let offers: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
  fake = new FakeBrowser();
  offers = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A phone, and everything that it said. */
function makePhone(options: Partial<PhoneOptions> = {}) {
  const phone = new Phone({
    signal: async () => {
      offers++;
      return { answer: `answer ${offers}`, session: `session ${offers}` };
    },
    audio: fake.audio as unknown as HTMLAudioElement,
    surroundings: fake.surroundings(),
    ...options,
  });
  const said: [keyof PhoneEvents, unknown][] = [];
  phone.on('state', ({ state }) => said.push(['state', state]));
  phone.on('session', (session) => said.push(['session', session]));
  phone.on('fault', (error) => said.push(['fault', error.fault]));
  const states = () => said.filter(([name]) => name === 'state').map(([, value]) => value);
  const faults = () => said.filter(([name]) => name === 'fault').map(([, value]) => value);
  return { phone, said, states, faults };
}

/** Lets promises run without letting time pass. */
const settle = () => vi.advanceTimersByTimeAsync(0);

async function connected(options?: Partial<PhoneOptions>) {
  const made = makePhone(options);
  await made.phone.start();
  await settle();
  fake.peer.become('connected');
  return made;
}

describe('connecting', () => {
  it('offers the telephone’s codecs only and plays what comes back', async () => {
    const { phone, said } = await connected({ iceServers: async () => [{ urls: 'turn:relay' }] });
    expect(phone.state).toBe('connected');
    expect(said).toEqual([
      ['state', 'starting'],
      ['state', 'connecting'],
      ['session', 'session 1'],
      ['state', 'connected'],
    ]);
    expect(fake.peer.config.iceServers).toEqual([{ urls: 'turn:relay' }]);
    expect(fake.peer.answer).toBe('answer 1');
    expect(fake.peer.sender.track).toBe(fake.microphone);
    const [codecs] = fake.peer.setCodecPreferences.mock.calls[0] ?? [];
    expect(codecs.map((c: RTCRtpCodec) => `${c.mimeType}/${c.clockRate}`)).toEqual([
      'audio/PCMU/8000',
      'audio/PCMA/8000',
      'audio/telephone-event/8000',
    ]);
    expect(fake.audio.srcObject).toBeInstanceOf(FakeStream);
    expect(fake.audio.play).toHaveBeenCalled();
    phone.stop();
  });

  it('lets go of everything when it stops', async () => {
    const { phone } = await connected();
    phone.ring();
    phone.stop();
    expect(phone.state).toBe('off');
    expect(fake.peer.closed).toBe(true);
    expect(fake.microphone.readyState).toBe('ended');
    expect(fake.sounds[0]?.closed).toBe(true);
    expect(fake.audio.srcObject).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
    fake.window.dispatchEvent(new Event('online'));
    await settle();
    expect(fake.peers).toHaveLength(1);
  });

  it('can be started again', async () => {
    const { phone } = await connected();
    phone.stop();
    await phone.start();
    await settle();
    fake.peer.become('connected');
    expect(phone.state).toBe('connected');
    expect(fake.peers).toHaveLength(2);
    phone.stop();
  });

  it('that is stopped while the microphone is asked for takes nothing', async () => {
    const { phone } = makePhone();
    const starting = phone.start();
    phone.stop();
    await starting;
    expect(phone.state).toBe('off');
    expect(fake.microphone.readyState).toBe('ended');
    expect(fake.peers).toHaveLength(0);
  });
});

describe('a cut', () => {
  it('by the network is offered anew after two seconds', async () => {
    const { phone, states } = await connected();
    fake.peer.become('disconnected');
    await vi.advanceTimersByTimeAsync(1999);
    expect(fake.peers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.peers).toHaveLength(2);
    expect(fake.peers[0]?.closed).toBe(true);
    fake.peer.become('connected');
    expect(states().slice(-3)).toEqual(['waiting', 'connecting', 'connected']);
    phone.stop();
  });

  it('that heals by itself is left alone', async () => {
    const { phone } = await connected();
    fake.peer.become('disconnected');
    await vi.advanceTimersByTimeAsync(1000);
    fake.peer.become('connected');
    await vi.advanceTimersByTimeAsync(5000);
    expect(fake.peers).toHaveLength(1);
    expect(phone.state).toBe('connected');
    phone.stop();
  });

  it('by the server is noticed though the connection calls itself connected', async () => {
    const { phone } = await connected();
    fake.peer.hangUpByServer();
    expect(phone.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(250);
    expect(fake.peers).toHaveLength(2);
    phone.stop();
  });

  it('ends at once when the network is back', async () => {
    const { phone } = await connected();
    fake.peer.become('disconnected');
    fake.window.dispatchEvent(new Event('online'));
    await settle();
    expect(fake.peers).toHaveLength(2);
    phone.stop();
  });

  it('is tried with growing waits while the server is away', async () => {
    const times: number[] = [];
    const { phone, faults } = makePhone({
      signal: async () => {
        times.push(Date.now());
        throw new Error('503');
      },
    });
    await phone.start();
    await vi.advanceTimersByTimeAsync(60_000);
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(waits.length).toBeGreaterThan(8);
    waits.forEach((wait, i) => {
      const whole = Math.min(250 * 2 ** i, 8000);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(whole / 2));
      expect(wait).toBeLessThanOrEqual(whole + 1);
    });
    expect(new Set(faults())).toEqual(new Set(['unreachable']));
    phone.stop();
  });

  it('is tried no more when the server refused for good', async () => {
    const { phone, faults } = makePhone({
      signal: async () => {
        throw new PhoneError('refused', 'the phone is in another tab');
      },
    });
    await phone.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.state).toBe('refused');
    expect(faults()).toEqual(['refused']);
    expect(fake.peers).toHaveLength(1);
    phone.stop();
  });

  it('after an answer that leads nowhere is offered anew', async () => {
    const { phone } = makePhone();
    await phone.start();
    await settle();
    await vi.advanceTimersByTimeAsync(10_000 + 250);
    expect(fake.peers).toHaveLength(2);
    phone.stop();
  });

  it('takes no answer of an offer that was given up', async () => {
    const answers: ((answer: { answer: string; session: string }) => void)[] = [];
    const aborts: AbortSignal[] = [];
    const { phone, said } = makePhone({
      signal: (_offer, abort) => {
        aborts.push(abort);
        return new Promise((resolve) => answers.push(resolve));
      },
    });
    await phone.start();
    await settle();
    phone.reattach('the server was restarted');
    await settle();
    expect(aborts.map((abort) => abort.aborted)).toEqual([true, false]);
    answers[1]?.({ answer: 'new', session: 'new' });
    answers[0]?.({ answer: 'old', session: 'old' });
    await settle();
    expect(fake.peer.answer).toBe('new');
    expect(said.filter(([name]) => name === 'session')).toEqual([['session', 'new']]);
    phone.stop();
  });
});

describe('the microphone', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
  ])('that fails with %s is reported as %s', async (name, fault) => {
    fake.refusals.push(named(name));
    const { phone } = makePhone();
    await expect(phone.start()).rejects.toMatchObject({ fault });
    expect(phone.state).toBe('off');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('needs a secure page', async () => {
    const { phone } = makePhone({ surroundings: { ...fake.surroundings(), media: undefined } });
    await expect(phone.start()).rejects.toMatchObject({ fault: 'insecure' });
  });

  it('that was chosen and is gone gives way to the standard one', async () => {
    fake.refusals.push(named('OverconstrainedError'));
    const { phone } = await connected({ input: 'headset' });
    expect(fake.asked.map(({ audio }) => (audio as MediaTrackConstraints).deviceId)).toEqual([
      { exact: 'headset' },
      undefined,
    ]);
    phone.stop();
  });

  it('is changed in a call without a new offer', async () => {
    const { phone } = await connected();
    phone.setMuted(true);
    await phone.setInput('headset');
    expect(fake.microphones).toHaveLength(2);
    expect(fake.microphones[0]?.readyState).toBe('ended');
    expect(fake.peer.sender.replaceTrack).toHaveBeenCalledWith(fake.microphone);
    expect(fake.microphone.enabled).toBe(false);
    expect(fake.peers).toHaveLength(1);
    phone.stop();
  });

  it('is opened again for a page of which the server hears nothing', async () => {
    const { phone } = await connected();
    await phone.renew('nothing is heard');
    expect(fake.microphones).toHaveLength(2);
    expect(fake.peers).toHaveLength(2);
    phone.stop();
    await phone.renew('too late');
    expect(fake.peers).toHaveLength(2);
  });

  it('that is unplugged is replaced', async () => {
    const { phone } = await connected();
    fake.microphone.unplug();
    await settle();
    expect(fake.microphones).toHaveLength(2);
    expect(fake.peer.sender.track).toBe(fake.microphone);
    phone.stop();
  });

  it('is open only when live and not muted', async () => {
    const { phone } = await connected();
    const open = () => fake.microphone.enabled;
    expect(open()).toBe(true);
    phone.setLive(false);
    expect(open()).toBe(false);
    phone.setMuted(true);
    phone.setLive(true);
    expect(open()).toBe(false);
    phone.setMuted(false);
    expect(open()).toBe(true);
    phone.stop();
  });
});

describe('sound', () => {
  it('that the browser withholds is reported and can be unlocked', async () => {
    fake.audio.play.mockRejectedValueOnce(named('NotAllowedError'));
    const { phone, faults } = await connected();
    expect(faults()).toEqual(['blocked']);
    await phone.unlock();
    expect(fake.audio.play).toHaveBeenCalledTimes(2);
    expect(fake.sounds[0]?.resume).toHaveBeenCalled();
    phone.stop();
  });

  it('goes to the loudspeaker that was chosen, tones too', async () => {
    const { phone, faults } = await connected({ output: 'desk' });
    expect(fake.audio.setSinkId).toHaveBeenCalledWith('desk');
    expect(fake.sounds[0]?.setSinkId).toHaveBeenCalledWith('desk');
    fake.audio.setSinkId.mockRejectedValueOnce(named('NotFoundError'));
    await phone.setOutput('gone');
    expect(faults()).toEqual(['output']);
    phone.stop();
  });

  it('rings until it is silenced', async () => {
    const { phone } = await connected();
    const tones = () => fake.sounds[0]?.oscillators.length;
    phone.ring();
    phone.ring();
    expect(tones()).toBe(2);
    await vi.advanceTimersByTimeAsync(3000);
    expect(tones()).toBe(4);
    phone.stopRinging();
    await vi.advanceTimersByTimeAsync(9000);
    expect(tones()).toBe(4);
    phone.zip();
    expect(tones()).toBe(6);
    phone.stop();
  });
});

describe('keys', () => {
  it('queue behind those that are not sent yet', async () => {
    const { phone } = await connected();
    phone.press('1');
    phone.press('2#');
    expect(fake.peer.sender.dtmf.insertDTMF).toHaveBeenLastCalledWith('12#', 100, 70);
    expect(fake.sounds[0]?.oscillators.map((tone) => tone.frequency.value)).toEqual([697, 1209]);
    expect(() => phone.press('x')).toThrow(RangeError);
    phone.stop();
  });

  it('need a connection', async () => {
    const { phone } = makePhone();
    expect(() => phone.press('1')).toThrow(PhoneError);
  });
});

describe('what it tells', () => {
  it('levels ten times, quality once a second', async () => {
    const { phone } = await connected();
    const levels = vi.fn();
    const quality = vi.fn();
    phone.on('levels', levels);
    phone.on('quality', quality);
    fake.peer.stats = [{ type: 'inbound-rtp', packetsReceived: 50, packetsLost: 0, jitter: 0.001 }];
    await vi.advanceTimersByTimeAsync(1000);
    fake.peer.stats = [{ type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10, jitter: 0.001 }];
    await vi.advanceTimersByTimeAsync(1000);
    expect(levels).toHaveBeenCalledTimes(20);
    expect(levels.mock.calls[0]?.[0].microphone).toBeCloseTo(2 / 3);
    expect(quality.mock.calls.map(([q]) => q.word)).toEqual(['none', 'poor']);
    phone.stop();
  });

  it('devices when they change', async () => {
    const { phone } = await connected();
    const devices = vi.fn();
    phone.on('devices', devices);
    fake.media.dispatchEvent(new Event('devicechange'));
    await settle();
    expect(devices.mock.calls[0]?.[0]).toMatchObject({
      inputs: [{ deviceId: 'a' }],
      outputs: [{ deviceId: 'b' }],
    });
    phone.stop();
  });

  it('goes on though a listener throws', async () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const { phone } = makePhone();
    phone.on('state', () => {
      throw new Error('the page is wrong');
    });
    await phone.start();
    await settle();
    fake.peer.become('connected');
    expect(phone.state).toBe('connected');
    expect(reported).toHaveBeenCalled();
    phone.stop();
  });
});
