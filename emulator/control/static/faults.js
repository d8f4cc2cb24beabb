// Decides how things are made to go wrong: named rules with a count, rules of one's own, those that act now.
import * as api from "./api.js";
import { badge, button, doing, el, empty, head, say, sync } from "./dom.js";
import { world } from "./live.js";

let presets, preset, times, meaning, rules, none, own;

const told = (rule) => [rule.match, rule.action].filter((one) => one && Object.keys(one).length).map((one) => JSON.stringify(one)).join(" → ");
const over = (rule) => rule.left === 0 || (rule.until !== null && rule.until * 1000 < Date.now());

function mount(section) {
  preset = el("select", { id: "preset", change: mean });
  times = el("input", { id: "times", type: "number", min: "1", value: "1", inputmode: "numeric" });
  meaning = el("p", { class: "quiet mono" });
  own = el("textarea", { id: "own", rows: "5", spellcheck: "false" });
  own.value = '{\n  "match": {"method": "POST", "path": "/v1/subscriptions"},\n  "action": {"error": "lock_timeout"},\n  "times": 2\n}';
  rules = el("ul", { class: "due" });
  none = empty("Nothing is made to go wrong.");
  section.append(
    el("form", { class: "card", submit: doing(async () => {
      await add({ preset: preset.value, ...(times.value && { times: Number(times.value) }) });
    }) }, head("Let something go wrong"),
      el("div", { class: "fields" }, field("What", preset), field("How often (empty: always)", times), el("button", { class: "primary" }, "Add")), meaning,
      el("details", {}, el("summary", {}, "A rule of your own"), field("Rule as JSON", own),
        el("p", { class: "actions" }, button("Add rule", () => add(JSON.parse(own.value)))))),
    el("div", { class: "card" }, head("Rules", button("Remove all", async () => {
      await api.call("DELETE", "/faults");
      say("Nothing goes wrong any more.");
    })), none, rules),
  );
}

export const field = (words, input) => el("div", { class: "field" }, el("label", { for: input.id }, words), input);

async function add(rule) {
  const made = await api.call("POST", "/faults", rule);
  say(`Rule ${made.id} acts from now on.`);
}

function mean() {
  meaning.textContent = told(presets.find((one) => one.preset === preset.value) ?? {});
}

async function show() {
  if (!presets) {
    presets = (await api.call("GET", "/faults/presets")).data;
    preset.append(...presets.map((one) => el("option", { value: one.preset }, one.preset.replaceAll("_", " "))));
    mean();
  }
  draw();
}

function draw() {
  sync(rules, world.faults, (rule) => el("li", { "data-testid": "fault", class: over(rule) ? "over" : "" },
    el("span", { class: "what" }, el("b", {}, rule.preset?.replaceAll("_", " ") ?? "own rule"), " ", el("span", { class: "quiet mono" }, told(rule))),
    el("span", { class: "when" }, over(rule) ? badge("over", "neutral") : badge("acts", "wait"),
      ` acted ${rule.used}${rule.times === null ? " times" : ` of ${rule.times}`}, matched ${rule.seen}`),
    button("Remove", () => api.call("DELETE", `/faults/${rule.id}`), "small")));
  none.hidden = world.faults.length > 0;
}

export const faults = { mount, show, update: (news) => { if (news.faults || news.first) draw(); }, count: () => world.faults.filter((rule) => !over(rule)).length };
