/** Looking at something again and again for as long as the page can be seen. */

import { inWords, sleep } from "../shared/api.js";
import { el, put } from "../shared/dom.js";
import { visible } from "../shared/follow.js";
import { alert } from "../shared/parts.js";

/**
 * Calls `look` at once, and `pause` milliseconds after it has ended, until `signal` is aborted. While it fails, `told`
 * says why and, if there is something to be seen by then, that it is `stale`; what else is said there stays.
 */
export async function watch(look, { told, pause, stale, signal }) {
  let isShown = false;
  while (!signal.aborted) {
    try {
      await look();
      isShown = true;
      if (told.dataset.failed) put(told);
      delete told.dataset.failed;
    } catch (error) {
      if (signal.aborted) return;
      told.dataset.failed = "true";
      const words = isShown ? `${inWords(error)} ${stale}` : inWords(error);
      if (told.textContent !== words) put(told, alert(el("p", {}, words))); // or it would be read out again and again
    }
    await sleep(pause, signal);
    await visible(signal);
  }
}
