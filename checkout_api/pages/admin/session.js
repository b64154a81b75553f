/** The admin's login: a token that lasts as long as the tab, or until the server will have it no more. */

import { Refused, request } from "../shared/api.js";
import { passing } from "../shared/memory.js";

const listeners = new Set();

/** Calls `listener` with the reason (or nothing) when the session has begun or ended. */
export function onSession(listener) {
  listeners.add(listener);
}

export function isLoggedIn() {
  return token() !== undefined;
}

function token() {
  const { token: kept, until } = passing.get("session", {});
  return until > Date.now() ? kept : undefined;
}

/** Throws Refused for wrong credentials or when more is due, Unreachable. */
export function logIn(username, password) {
  return begin("admin/login", { username, password });
}

/** All go on with the login's `{username, session}`, and throw as `logIn` does. */
export function giveCode(given) {
  return begin("admin/login/second-factor", given);
}

export function registerApp(given) {
  return begin("admin/login/authenticator", given);
}

export function setPassword(given) {
  return begin("admin/login/new-password", given);
}

async function begin(path, body) {
  const answer = await request("POST", path, { body });
  passing.set("session", { token: answer.token, until: Date.now() + answer.expires_in * 1000 });
  tell();
}

export function logOut(reason) {
  passing.forget("session");
  tell(reason);
}

function tell(reason) {
  for (const listener of listeners) listener(reason);
}

/** As `request`, with the token. Ends the session when the server no longer accepts it; throws all the same. */
export async function asAdmin(method, path, options = {}) {
  try {
    return await request(method, path, { ...options, headers: { Authorization: `Bearer ${token()}` } });
  } catch (error) {
    const refused = error instanceof Refused && (error.status === 401 || error.status === 403);
    if (refused) logOut("The login has ended. Please log in again.");
    throw error;
  }
}
