/** The API over HTTP. Its address follows from this module's, whatever path a stage or a proxy puts before both. */

export const BASE = new URL("../../../", import.meta.url);
const PATIENCE = 30_000;

/** The server's refusal. `problem` is its problem document (RFC 9457), or {} if it sent none. */
export class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.message ?? problem.Message ?? `The server answered ${status}.`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The last part of the problem's type, which programs can rely on. */
  get kind() {
    return (this.problem.type ?? "").split(":").pop();
  }
}

/** No answer came: the request may have been handled or not. */
export class Unreachable extends Error {}

/**
 * The JSON of a successful answer. `path` is relative to the stage and has no slash at its start. `body` is sent as
 * JSON. Throws Refused, Unreachable, and what an abort of `signal` throws.
 */
export async function request(method, path, { body, headers = {}, signal } = {}) {
  const sent = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await answered(
    new URL(path, BASE),
    {
      method,
      headers: { ...sent, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]),
    },
    signal,
  );
  const content = await answer.json().catch(() => undefined);
  if (answer.ok && content !== undefined) return content;
  if (answer.ok) throw new Unreachable("The answer was cut off.");
  throw new Refused(answer.status, content ?? {}, Number(answer.headers.get("Retry-After")) || undefined);
}

/** The catalog, every product as `{sku, name, author, price, in_stock, image, description}`. Throws as `request`. */
export const allProducts = (signal) => request("GET", "catalog", { signal });

async function answered(url, options, signal) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable("No answer came. Check the connection.");
  }
}

/** What an error means, in a sentence. Throws on what is neither the server's nor the network's: that is ours. */
export function inWords(error) {
  if (error instanceof Refused || error instanceof Unreachable) return error.message;
  throw error;
}

/** Resolves after so many milliseconds, or at once when `signal` is aborted. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
