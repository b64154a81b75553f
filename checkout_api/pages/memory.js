/** What the browser remembers for this shop, apart from other stages on the same host. */

import { BASE } from "./api.js";

class Memory {
  #storage;

  /** `open` answers localStorage or sessionStorage, or throws where the reader has forbidden them. */
  constructor(open) {
    try {
      this.#storage = open();
    } catch {
      this.#storage = undefined;
    }
    this.#storage ??= forgetful();
  }

  /** The value, or `otherwise` if there is none that can be read. */
  get(name, otherwise) {
    try {
      return JSON.parse(this.#storage.getItem(named(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  set(name, value) {
    this.#storage.setItem(named(name), JSON.stringify(value));
  }

  forget(name) {
    this.#storage.removeItem(named(name));
  }
}

const named = (name) => `orderwire:${BASE.pathname}:${name}`;

/** A storage that lasts as long as the page. */
function forgetful() {
  const held = new Map();
  return {
    getItem: (name) => held.get(name) ?? null,
    setItem: (name, value) => held.set(name, value),
    removeItem: (name) => held.delete(name),
  };
}

/** Lasts. */
export const lasting = new Memory(() => window.localStorage);
/** Gone with the tab. */
export const passing = new Memory(() => window.sessionStorage);

/** Calls `changed` when another tab has changed what lasts. */
export function onOtherTab(changed) {
  window.addEventListener("storage", changed);
}
