// Decides how the world's clock is shown and moved: steps, a slider, and what is due next.
import * as api from "./api.js";
import { badge, button, doing, el, empty, head, ofDue, say, span, stamp, sync, time } from "./dom.js";
import { now, setClock, world } from "./live.js";

export const MODES = { real: ["Real time", "ok"], frozen: ["Frozen", "info"], offset: ["Ahead", "wait"] };
const STEPS = [["1 hour", "1h"], ["1 day", "1d"], ["1 week", "1w"], ["1 month", "1mo"], ["1 year", "1y"]];
// How far the slider reaches, and the size of its steps (seconds).
const RANGES = [["1 day", 86400, 300], ["1 month", 31 * 86400, 3600], ["1 year", 366 * 86400, 86400]];

let slider, range, target, due, none, modes;

export async function move(body) {
  const before = now();
  setClock(await api.call("POST", "/clock", body));
  const went = now() - before;
  say(went > 1 ? `The clock went on by ${span(went)}; what was due has happened.` : "Done.");
  draw();
}

const wanted = () => now() + Number(slider.value);

function mount(section) {
  modes = el("div", { class: "actions" });
  slider = el("input", { type: "range", id: "slider", min: "0", value: "0", "aria-describedby": "slider-target", input: aim, "data-testid": "slider" });
  range = el("select", { "aria-label": "Reach of the slider", change: reach }, RANGES.map(([name], at) => el("option", { value: at, selected: at === 1 }, name)));
  target = el("output", { id: "slider-target", for: "slider", "data-testid": "target" });
  due = el("ol", { class: "due" });
  none = empty("Nothing is due. Trials, renewals, retries and expiries stand here once there are any.");
  section.append(
    el("div", { class: "card" }, head("Clock"), el("p", { class: "readout" }, el("time", { id: "big", "data-testid": "big" })), modes),
    el("div", { class: "card" }, head("Step"), el("div", { class: "actions" },
      STEPS.map(([name, size]) => button(`+ ${name}`, () => move({ advance: size }))))),
    el("form", { class: "card", submit: doing(async () => { await move({ advance_to: wanted() }); slider.value = 0; aim(); }) },
      el("div", { class: "head" }, el("h2", {}, el("label", { for: "slider" }, "Run ahead")), range), slider,
      el("div", { class: "head" }, target, el("button", { class: "primary" }, "Run to there"))),
    el("div", { class: "card" }, head("Due next"), none, due),
  );
  reach();
}

function reach() {
  const [, most, step] = RANGES[range.value];
  slider.max = most;
  slider.step = step;
  aim();
}

function aim() {
  const ahead = Number(slider.value);
  const there = ahead ? `${stamp(wanted())} UTC, in ${span(ahead)}` : "Choose how far";
  target.textContent = there;
  slider.setAttribute("aria-valuetext", there);
}

function draw() {
  if (!world.clock || !due) return;
  modes.replaceChildren(badge(...MODES[world.clock.mode]),
    world.clock.mode === "frozen" ? "" : button("Freeze", () => move({ freeze: true })),
    world.clock.mode === "real" ? "" : button("Follow real time", () => move({ real: true })));
  const rows = world.due.map((row) => ({ ...row, id: `${row.at} ${row.what} ${row.object} ${row.count}` }));
  const known = due.known;
  sync(due, rows.map((row) => known?.get(row.id)?.item ?? row), (row) => el("li", { "data-testid": "due" },
    el("span", { class: "what" }, el("b", {}, ofDue(row)), " ", el("span", { class: "quiet" }, row.object)),
    el("span", { class: "when" }, time(row.at), " ", el("span", { class: "quiet in" })),
    button("Run to here", () => move({ advance_to: Math.max(row.at, now()) }), "small")));
  none.hidden = rows.length > 0;
  tick();
}

// Every second: what a running clock shows, and how long until what is due.
function tick() {
  const at = now();
  due.closest("main").querySelector("#big").textContent = `${stamp(at)} UTC`;
  for (const { item, node } of due.known?.values() ?? []) {
    node.querySelector(".in").textContent = item.at > at ? `in ${span(item.at - at)}` : "now";
  }
}

export const clock = { mount, update: (told) => { if (told.clock || told.due || told.first) draw(); }, show: () => { draw(); aim(); }, tick };
