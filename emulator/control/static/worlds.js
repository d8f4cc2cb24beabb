// Decides what is done with whole worlds: made, copied, remembered, brought back, saved, forgotten.
import * as api from "./api.js";
import { $, button, doing, el, head, link, say, sure, sync } from "./dom.js";
import { field } from "./faults.js";

let rows, list, fixture, fresh, to, snapshot, actions;

function mount(section) {
  list = el("ul", { class: "due" });
  fresh = el("input", { id: "fresh", required: true, pattern: "sk_(test|live)_[A-Za-z0-9_.\\-]+", placeholder: "sk_test_mine", autocomplete: "off" });
  fixture = el("select", { id: "fixture" });
  to = el("input", { id: "to", required: true, pattern: "sk_(test|live)_[A-Za-z0-9_.\\-]+", placeholder: "sk_test_copy", autocomplete: "off" });
  snapshot = el("select", { id: "snapshot" });
  actions = el("div", { class: "stack" },
    el("form", { class: "fields", submit: doing(fork) }, field("Copy to the key", to), el("button", {}, "Fork")),
    el("form", { class: "fields", submit: doing(restore) }, field("Snapshot", snapshot), el("button", {}, "Restore"), button("Take a snapshot", take)),
    el("div", { class: "actions" }, el("a", { id: "export", class: "button", download: "world.json" }, "Export"),
      button("Reset", reset, "danger"), button("Delete", drop, "danger")));
  section.append(
    el("div", { class: "card" }, head("This world"), el("p", { class: "quiet", id: "this-world" }), actions),
    el("form", { class: "card", submit: doing(make) }, head("New world"),
      el("div", { class: "fields" }, field("Key", fresh), field("Made from", fixture), el("button", { class: "primary" }, "Create"))),
    el("div", { class: "card" }, head("Open worlds"), list));
}

const open = (key) => location.assign(api.worldUrl(key, "#overview"));

async function make() {
  const taken = rows.some((row) => row.key === fresh.value);
  if (taken && !(await sure("Replace this world?", `${api.masked(fresh.value)} is open. What is in it goes.`, "Replace"))) return;
  open((await api.call("POST", "/worlds", { key: fresh.value, fixture: fixture.value })).key);
}

async function fork() {
  const taken = rows.some((row) => row.key === to.value);
  if (taken && !(await sure("Replace that world?", `${api.masked(to.value)} is open. What is in it goes.`, "Replace"))) return;
  const made = await api.call("POST", `${api.place(api.key)}/fork`, { to: to.value });
  say(`Copied to ${api.masked(made.key)}.`);
}

async function take() {
  const made = await api.call("POST", `${api.place(api.key)}/snapshot`);
  say(`Remembered as ${made.snapshot}.`);
  await show();
  snapshot.value = made.snapshot;
}

async function restore() {
  await api.call("POST", `${api.place(api.key)}/restore`, { snapshot: snapshot.value });
  say(`Brought back to ${snapshot.value}.`);
}

async function reset() {
  if (!(await sure("Reset this world?", "It becomes what it was made from. Everything since then goes.", "Reset"))) return;
  await api.call("POST", `${api.place(api.key)}/reset`);
  say("The world is as it was made.");
}

async function drop() {
  if (!(await sure("Delete this world?", "Everything in it goes. The next call with its key opens a new one.", "Delete"))) return;
  await api.call("DELETE", api.place(api.key));
  location.assign(`${api.PREFIX}/`);
}

// The menu at the top, and the list.
export async function read() {
  rows = (await api.call("GET", "/worlds")).data;
  const menu = rows.some((row) => row.key === api.key) ? rows : [{ key: api.key }, ...rows];
  const keys = menu.map((row) => row.key).join(" ");
  if ($("world").keys !== keys) { // an open menu is left alone while nothing changed
    $("world").keys = keys;
    $("world").replaceChildren(...menu.map((row) => el("option", { value: row.key, selected: row.key === api.key }, api.masked(row.key))));
  }
  const told = rows.map((row) => ({ ...row, id: row.key }));
  const known = list.known;
  const same = (row) => { const held = known?.get(row.id)?.item; return held && JSON.stringify(held) === JSON.stringify(row) ? held : row; };
  sync(list, told.map(same), (row) => el("li", { "data-testid": "world-row" },
    el("span", { class: "what" }, link(api.worldUrl(row.key, "#overview"), api.masked(row.key)), " ", el("span", { class: "quiet" }, row.account)),
    el("span", { class: "when quiet" }, `${row.objects} objects, from ${row.fixture}`),
    row.key === api.key ? el("span", { class: "badge info" }, "this one") : null));
}

async function show() {
  const [at] = await Promise.all([api.look(), read()]);
  $("this-world").textContent = at.connected ? "A connected account's world goes with that of its platform: it is copied, reset and saved there." : `${api.masked(at.key)}, ${at.account}`;
  actions.hidden = at.connected;
  $("export").href = `${api.PREFIX}${api.place(api.key)}/export`;
  if (!fixture.options.length) fixture.append(...at.fixtures.map((name) => el("option", {}, name)));
  const chosen = snapshot.value;
  snapshot.replaceChildren(...at.snapshots.map((name) => el("option", { selected: name === chosen }, name)),
    ...(at.snapshots.length ? [] : [el("option", { value: "" }, "None yet")]));
}

export const worlds = { mount, show, update: (told) => (told.worlds ? show() : null) };
