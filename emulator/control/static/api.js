// Decides how the page speaks with the server: the control API's own calls, as the key of the world that is looked at.
export const PREFIX = "/_emulator";
const DEMO = "sk_test_demo";
const HEAD = "sk_test_".length;

export let key = new URLSearchParams(location.search).get("key");

export class Refusal extends Error {}

// Keys with short names are no secrets; of others the end is enough to tell them apart.
export function masked(one) {
  const [name, account] = one.split("/");
  const shown = name.length <= HEAD + 4 ? name : `${name.slice(0, HEAD)}…${name.slice(-4)}`;
  return account ? `${shown} / ${account}` : shown;
}

// Without a key in the address: the demo's world if it is open, else the first that is.
export async function choose() {
  if (key) return;
  const rows = (await ask("GET", "/worlds", undefined, {})).data;
  key = rows.some((row) => row.key === DEMO) || !rows.length ? DEMO : rows[0].key;
}

async function ask(method, path, body, headers) {
  const answer = await fetch(PREFIX + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) {
    const { message, hint } = content.error ?? { message: `status ${answer.status}` };
    throw new Refusal(hint ? `${message} (${hint})` : message);
  }
  return content;
}

export const call = (method, path, body) => ask(method, path, body, { Authorization: `Bearer ${key}` });
export const look = () => call("GET", `/inspector/world?key=${encodeURIComponent(key)}`);
export const place = (one) => `/worlds/${encodeURIComponent(one)}`;
export const worldUrl = (one, tab = "") => `${PREFIX}/?key=${encodeURIComponent(one)}${tab}`;
export const withKey = (path) => `${path}?key=${encodeURIComponent(key)}`;
