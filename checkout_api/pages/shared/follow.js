/** Looking at something again and again while it changes, less and less often while it does not. */

import { Unreachable } from "./api.js";

const SHORTEST = 400;
const LONGEST = 8_000;
const QUIET = 10_000;
const PATIENCE = 10 * 60_000;

/** Milliseconds until the next look, after so many looks that showed nothing new. */
export const pause = (quietLooks) => Math.min(LONGEST, Math.round(SHORTEST * 1.5 ** quietLooks));

/** Whether to stop: nothing more is expected and nothing came for a while, or nothing came for ever so long. */
export const enough = (isSettled, quietFor) => quietFor >= (isSettled ? QUIET : PATIENCE);

/**
 * Calls `look`, which answers `{settled, mark}`: `mark` differs whenever there is something new. When it is enough it
 * rests until it is nudged or the reader comes back to the page. `tell` gets whether it goes on by itself.
 */
export class Follower {
  #look;
  #tell;
  #mark;
  #quietLooks = 0;
  #changedAt = 0;
  #wake = () => {};

  constructor(look, tell = () => {}) {
    this.#look = look;
    this.#tell = tell;
  }

  /** Looks at once, and again soon: something is about to happen. */
  nudge() {
    this.#quietLooks = 0;
    this.#changedAt = performance.now();
    this.#wake();
  }

  /** Follows until `signal` is aborted. Throws what `look` throws. */
  async run(signal) {
    document.addEventListener("visibilitychange", () => document.hidden || this.nudge(), { signal });
    signal.addEventListener("abort", () => this.#wake());
    this.nudge();
    while (!signal.aborted) {
      this.#tell(true);
      const isSettled = this.#note(await this.#look());
      const rests = enough(isSettled, performance.now() - this.#changedAt);
      if (rests) this.#tell(false);
      if (!signal.aborted) await this.#woken(rests || document.hidden ? undefined : pause(this.#quietLooks));
    }
  }

  #note({ settled, mark }) {
    if (mark === this.#mark) {
      this.#quietLooks += 1;
    } else {
      [this.#mark, this.#quietLooks, this.#changedAt] = [mark, 0, performance.now()];
    }
    return settled;
  }

  /** Resolves when nudged, or after so many milliseconds. */
  #woken(milliseconds) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (milliseconds !== undefined) setTimeout(resolve, milliseconds);
    });
  }
}

/** As `look` for a Follower, but a server that does not answer is asked again later; `live` says so. */
export function patient(look, live) {
  return () =>
    look().catch((error) => {
      if (!(error instanceof Unreachable || error.status >= 500)) throw error;
      live.textContent = "The shop does not answer just now. Trying again…";
      return { settled: false, mark: "no answer" };
    });
}

/** Resolves as soon as the page can be seen. */
export function visible(signal) {
  if (!document.hidden || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}
