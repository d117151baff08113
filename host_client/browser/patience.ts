// Trying again until it works: for how long, how often, and who is told meanwhile.
import { LinkError } from "./core/errors.ts";

const BACKOFF_MS = [500, 1000, 2000]; // the last one again and again
const LOST_AFTER = 2; // attempts in a row that failed: more than one question gone astray
const SLEPT_MS = 40000; // no turn takes so long: the phone was asleep, which does not count

export type OnLost = (lost: boolean) => void;

// The patience that one task has, over all of its attempts.
export class Patience {
  private failures = 0; // in a row
  private leftMs: number;
  private since = Date.now();

  // `signal` ends it, with an AbortError. `onLost` is told when nothing comes back any more (true:
  // the phone may have left the board's Wi-Fi), and when something does again.
  constructor(
    leftMs: number,
    readonly attempts = Infinity, // in a row
    readonly signal?: AbortSignal,
    readonly onLost?: OnLost,
  ) {
    this.leftMs = leftMs;
  }

  get isOver(): boolean {
    const now = Date.now();
    this.leftMs -= Math.min(now - this.since, SLEPT_MS);
    this.since = now;
    return this.leftMs <= 0;
  }

  // The result of `work`, tried again after each LinkError; `pause` waits so many milliseconds.
  // Throws the last error once there is no patience left.
  async ask<Result>(
    work: () => Promise<Result>,
    pause: (timeMs: number) => Promise<void>,
  ): Promise<Result> {
    for (;;) {
      try {
        const result = await unlessAborted(work, this.signal);
        if (this.failures >= LOST_AFTER) this.onLost?.(false);
        this.failures = 0;
        return result;
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        if (++this.failures === LOST_AFTER) this.onLost?.(true);
        if (this.isOver || this.failures >= this.attempts) throw error;
        const backoff = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length) - 1]!;
        await unlessAborted(() => pause(backoff), this.signal);
      }
    }
  }
}

// What `work` comes to, unless the signal comes first, or came before: then an AbortError.
export function unlessAborted<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new DOMException("ended", "AbortError"));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
