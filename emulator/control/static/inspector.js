// Decides what stands where: the tabs, which of them is shown, and how what the stream tells reaches it.
import * as api from "./api.js";
import { clock, MODES } from "./clock.js";
import { $, complain, el, stamp } from "./dom.js";
import { faults } from "./faults.js";
import { lists } from "./lists.js";
import { follow, MOST, now, world } from "./live.js";
import { mail } from "./mail.js";
import { overview } from "./overview.js";
import { read, worlds } from "./worlds.js";

const TABS = { overview, requests: lists.requests, events: lists.events, deliveries: lists.deliveries, clock, mail, faults, worlds };
const NAMES = Object.keys(TABS);
const WORLDS_AGAIN = 1000;
const sections = {};
const tabs = {};
let here = "overview";
let reading;

function build() {
  for (const name of NAMES) {
    const words = name[0].toUpperCase() + name.slice(1);
    tabs[name] = el("a", { href: `#${name}` }, words, el("span", { class: "tally" }));
    $("tabs").append(tabs[name]);
    sections[name] = el("section", { id: `tab-${name}`, class: `tab ${name}`, hidden: true, "aria-label": words });
    $("main").append(sections[name]);
    TABS[name].mount(sections[name]);
  }
  $("world").addEventListener("change", (event) => location.assign(api.worldUrl(event.target.value, `#${here}`)));
  addEventListener("hashchange", route);
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input,select,textarea,dialog");
    if (event.key === "Escape" && !typing && location.hash.includes("/")) location.hash = here;
  });
}

async function route() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split("/");
  const next = TABS[name] ? name : "overview";
  const other = sections[next].hidden;
  here = next;
  for (const one of NAMES) {
    sections[one].hidden = one !== here;
    if (one === here) tabs[one].setAttribute("aria-current", "page");
    else tabs[one].removeAttribute("aria-current");
  }
  if (other) {
    complain(null);
    tabs[here].scrollIntoView({ block: "nearest", inline: "center" });
  }
  await told(TABS[here].show(rest[0]));
}

const told = (promise) => Promise.resolve(promise).catch(complain);

function tally() {
  for (const name of NAMES) {
    const count = lists[name] ? world[name].length : (TABS[name].count?.() ?? 0);
    tabs[name].lastChild.textContent = count ? ` ${count >= MOST || (name === "mail" && count >= 100) ? `${count}+` : count}` : "";
  }
}

function hear(news) {
  if (news.refused) return complain(news.refused);
  if (news.first) complain(news.gone ? new Error("This world is not open any more. A call with its key opens a new one.") : null);
  tally();
  tick();
  if (news.worlds) reading ??= setTimeout(() => { reading = null; told(read()); }, reading === undefined ? 0 : WORLDS_AGAIN);
  if (!world.gone) told(TABS[here].update(news)); // to ask about a world opens it
}

function tick() {
  if (!world.clock) return;
  $("now").textContent = `${stamp(now())} UTC`;
  [$("mode").textContent, $("mode").className] = [MODES[world.clock.mode][0], `badge ${MODES[world.clock.mode][1]}`];
  if (here === "clock") clock.tick();
}

async function start() {
  build();
  await told(api.choose());
  document.title = `Inspector: ${api.masked(api.key ?? "")}`;
  $("world").replaceChildren(el("option", { value: api.key }, api.masked(api.key ?? "")));
  follow(hear);
  setInterval(tick, 1000);
  await route();
}

start();
