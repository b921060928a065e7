/** Waits between attempts, in milliseconds: doubling, with a spread so that a thousand pages don't come at once. */
export class Backoff {
  private attempt = 0;

  constructor(
    private readonly first = 250,
    private readonly longest = 8000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The wait before the next attempt: half to all of first · 2^attempts. */
  next(): number {
    const wait = Math.min(this.first * 2 ** this.attempt, this.longest);
    this.attempt++;
    return wait * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.attempt = 0;
  }
}
