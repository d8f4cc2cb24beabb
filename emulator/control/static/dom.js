// Decides how elements, times and texts are made: whatever comes from a world becomes text, never markup.
export function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child != null && child !== false));
  return made;
}

export const $ = (id) => document.getElementById(id);

// Shows `items` in `place`: what is the same object as before keeps its element, so that focus and selection stay.
export function sync(place, items, make) {
  const known = (place.known ??= new Map());
  const next = new Map();
  let cursor = place.firstElementChild;
  for (const item of items) {
    let held = known.get(item.id);
    if (!held || held.item !== item) {
      const node = make(item);
      if (held) {
        const focused = held.node.contains(document.activeElement);
        if (held.node === cursor) cursor = node;
        held.node.replaceWith(node);
        if (focused) (node.querySelector("a,button") ?? node).focus();
      }
      held = { item, node };
    }
    next.set(item.id, held);
    if (held.node === cursor) cursor = cursor.nextElementSibling;
    else place.insertBefore(held.node, cursor);
  }
  for (const [id, { node }] of known) if (!next.has(id)) node.remove();
  place.known = next;
}

const two = (number) => String(number).padStart(2, "0");

export function stamp(at) {
  const day = new Date(at * 1000);
  if (Number.isNaN(day.getTime())) return String(at);
  const date = `${day.getUTCFullYear()}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`;
  return `${date} ${two(day.getUTCHours())}:${two(day.getUTCMinutes())}:${two(day.getUTCSeconds())}`;
}

const UNITS = [["y", 31536000], ["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

// "2 d 4 h": the two largest units say enough.
export function span(seconds) {
  let left = Math.abs(seconds);
  const parts = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(left / size);
    if (count) parts.push(`${count} ${name}`);
    left -= count * size;
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

export const STATES = { pending: "wait", succeeded: "ok", failed: "bad", recorded: "info" };
export const statusLook = (status) => (status < 300 ? "ok" : status < 500 ? "wait" : "bad");
export const kindOf = (name) => name.replaceAll("_", " ").replaceAll(".", " · ");
export const plural = (words) => words.replace(/([^aeiou])y$/, "$1ie").replace(/s$/, "se") + "s";
export const ofDue = (row) => (row.count > 1 ? `${row.count} ${plural(kindOf(row.what))}` : kindOf(row.what));
export const ms = (number) => (number == null ? "" : number < 10 ? `${number.toFixed(1)} ms` : `${Math.round(number)} ms`);
export const badge = (text, look) => el("span", { class: `badge ${look}` }, String(text));
export const time = (at) => el("time", { title: "UTC" }, stamp(at));
export const json = (value) => el("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2));

export function pairs(...rows) {
  const shown = rows.filter(([, value]) => value != null && value !== "");
  return el("dl", { class: "pairs" }, shown.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

// Links lead to this server or to a web address; a world may hold any text.
export function link(href, ...children) {
  const safe = /^(https?:\/\/|[/#])/.test(href);
  return safe ? el("a", { href, ...(href[0] === "h" && { rel: "noopener noreferrer" }) }, ...children) : el("span", {}, ...children);
}

export function copyable(text) {
  return el("button", { type: "button", class: "small", click: async (event) => {
    await navigator.clipboard.writeText(text);
    event.target.textContent = "Copied";
  } }, "Copy");
}

export const head = (title, ...more) => el("div", { class: "head" }, el("h2", {}, title), el("div", { class: "actions" }, more));
export const empty = (...words) => el("p", { class: "empty" }, ...words);

let quiet;
export function say(words) {
  $("toast").textContent = words;
  clearTimeout(quiet);
  quiet = setTimeout(() => ($("toast").textContent = ""), 6000);
}

export function complain(error) {
  $("problem").hidden = !error;
  $("problem").textContent = error ? error.message : "";
}

// What a button does: once at a time, and a refusal is told.
export const doing = (act) => async (event) => {
  event.preventDefault();
  const button = event.submitter ?? event.currentTarget;
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  complain(null);
  try {
    await act(event);
  } catch (error) {
    complain(error);
    $("problem").scrollIntoView({ block: "nearest" });
  } finally {
    button.removeAttribute("aria-busy");
  }
};

export const button = (words, act, look = "") => el("button", { type: "button", class: look, click: doing(act) }, words);

export function sure(title, words, act) {
  $("ask-title").textContent = title;
  $("ask-words").textContent = words;
  $("ask-do").textContent = act;
  $("ask").returnValue = "";
  $("ask").showModal();
  return new Promise((decided) => $("ask").addEventListener("close", () => decided($("ask").returnValue === "yes"), { once: true }));
}
