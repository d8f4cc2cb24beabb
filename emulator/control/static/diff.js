// Decides how an event's previous_attributes are told: one row for each value that is another one now.
import { el, stamp } from "./dom.js";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const MOMENT = /(^|_)(at|start|end|created|date|anchor|on|frozen_time|until)$/;

// `before` holds what changed only, unless `whole`: then a name that it lacks was added.
export function changes(before, now, path = "", whole = false) {
  if (isObject(before) && isObject(now)) {
    const names = whole ? new Set([...Object.keys(before), ...Object.keys(now)]) : Object.keys(before);
    return [...names].flatMap((name) => changes(before[name], now[name], path ? `${path}.${name}` : name, whole));
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length && before.every(isObject)) {
    return before.flatMap((one, at) => changes(one, now[at], `${path}[${at}]`, true));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ path, before, now }];
}

function value(path, one) {
  if (one === undefined) return el("span", { class: "quiet" }, "not there");
  if (one === null) return el("span", { class: "quiet" }, "null");
  const text = typeof one === "object" ? JSON.stringify(one, null, 2) : typeof one === "string" ? (one || '""') : String(one);
  const moment = Number.isInteger(one) && one > 1e9 && one < 5e9 && MOMENT.test(path);
  return moment ? [text, el("span", { class: "quiet" }, ` ${stamp(one)}`)] : text;
}

export function diff(before, now) {
  const rows = changes(before, now).map((row) => el("tr", { "data-testid": "change" },
    el("th", { scope: "row" }, row.path),
    el("td", { class: "was" }, el("del", {}, value(row.path, row.before))),
    el("td", { class: "is" }, el("ins", {}, value(row.path, row.now)))));
  return el("table", { class: "diff" },
    el("thead", {}, el("tr", {}, ["Field", "Before", "Now"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows));
}
