/** What the browser remembers for this shop, apart from other stages on the same host. */

import { BASE } from "./api.js";

class Memory {
  #storage;
  #unkept = new Map(); // what the storage would not take, for as long as the page lasts

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
    if (this.#unkept.has(name)) return JSON.parse(this.#unkept.get(name));
    try {
      return JSON.parse(this.#storage.getItem(named(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  /** A storage that is full refuses: then the page alone remembers, and with `orNothing` the older value is dropped. */
  set(name, value, { orNothing = false } = {}) {
    const text = JSON.stringify(value);
    this.#unkept.delete(name);
    try {
      this.#storage.setItem(named(name), text);
    } catch {
      if (orNothing) this.#storage.removeItem(named(name));
      this.#unkept.set(name, text);
    }
  }

  forget(name) {
    this.#unkept.delete(name);
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
