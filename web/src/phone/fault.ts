/** What can be wrong with a phone, as words that pages translate. */
export type PhoneFault =
  /** the page is not served by HTTPS or from localhost: no microphone */
  | 'insecure'
  /** the user or a policy refused the microphone */
  | 'denied'
  /** there is no (such) microphone */
  | 'missing'
  /** the microphone exists but gives nothing: another program has it */
  | 'busy'
  /** the browser plays nothing before a click: call unlock() from one */
  | 'blocked'
  /** this browser lacks PCMU, PCMA or telephone-event */
  | 'codec'
  /** the server refused the offer for good; the message says why */
  | 'refused'
  /** the server cannot be reached just now: the phone tries on */
  | 'unreachable'
  /** connected, but the server says that no sound comes from this page: the app connects it anew */
  | 'unheard'
  /** the loudspeaker that was chosen cannot be used */
  | 'output';

/**
 * PhoneError is what Phone's methods throw and its `fault` event carries. A signal() that throws one with
 * the fault 'refused' ends the trying; any other error is tried again.
 */
export class PhoneError extends Error {
  constructor(
    readonly fault: PhoneFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PhoneError';
  }
}
