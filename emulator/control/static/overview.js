// Decides what is told of a world at a glance: how much of what, how to reach it, what went wrong last, what is due.
import * as api from "./api.js";
import { badge, el, empty, head, kindOf, link, ofDue, pairs, plural, span, statusLook, sync } from "./dom.js";
import { now, world } from "./live.js";

let counts, around, wrong, wrongNone, due, use;

function mount(section) {
  counts = el("div", { class: "counts" });
  around = el("ul", { class: "plain" });
  wrong = el("ol", { class: "rows requests" });
  wrongNone = empty("No call was refused.");
  due = el("ul", { class: "plain" });
  use = el("div");
  section.append(
    el("div", { class: "card wide" }, head("What is here"), counts),
    el("div", { class: "card" }, head("Where to go"), around),
    el("div", { class: "card" }, head("Due next"), due),
    el("div", { class: "card" }, head("Refused last"), wrongNone, wrong),
    el("div", { class: "card" }, head("How to reach it"), use));
}

const count = (number, words, href) => el(href ? "a" : "div", { class: "count", href }, el("b", {}, String(number)), el("span", {}, words));

async function show() {
  draw();
  const at = await api.look();
  counts.replaceChildren(
    count(at.requests, "requests", "#requests"), count(at.events, "events", "#events"),
    ...Object.entries(at.deliveries).map(([name, number]) => count(number, `deliveries ${name}`, "#deliveries")),
    ...Object.entries(at.objects).map(([name, number]) => count(number, number === 1 ? kindOf(name) : plural(kindOf(name)))));
  around.replaceChildren(...[
    ["/dashboard/customers", "Customers and their portals"], ["/dashboard/settings/billing/portal", "Settings of the portal"],
    ["/dashboard/settings/branding", "Branding"], ["/customer-portal-demo", "Portal of a copy, to play with"], [`${api.PREFIX}/mail`, "Mailbox"],
  ].map(([path, words]) => el("li", {}, link(api.withKey(path), words))),
    el("li", {}, link(`${api.PREFIX}/openapi.json`, "Control API")), el("li", {}, link(`${api.PREFIX}/coverage`, "What is emulated")));
  const { business_name: business, country, default_currency: currency, default_api_version: version } = at.settings;
  use.replaceChildren(pairs(["Address", at.base_url], ["Key", api.masked(at.key)], ["Account", at.account], ["Mode", at.livemode ? "live, emulated" : "test"],
    ["Business", [business, country, currency].filter(Boolean).join(" · ")], ["API version", version ?? at.api_version], ["stripe-emulator", at.version]));
}

function draw() {
  const refused = world.requests.filter((row) => row.status >= 400).slice(0, 5);
  sync(wrong, refused, (row) => el("li", {}, el("a", { href: `#requests/${row.id}` }, badge(row.status, statusLook(row.status)),
    el("span", { class: "what" }, el("b", {}, row.method), ` ${row.path} `, el("span", { class: "quiet" }, row.error ?? "")))));
  wrongNone.hidden = refused.length > 0;
  const next = world.due.slice(0, 6);
  due.replaceChildren(...next.map((row) => el("li", {}, `${ofDue(row)} `,
    el("span", { class: "quiet" }, `${row.object}, ${row.at > now() ? `in ${span(row.at - now())}` : "now"}`))),
    ...(next.length ? [el("li", {}, link("#clock", "Move the clock"))] : [empty("Nothing is due.")]));
}

let later;
function update() {
  draw();
  later ??= setTimeout(() => { // counts are worked out by the server: once a second is enough
    later = null;
    if (!world.gone) show().catch(() => {});
  }, 1000);
}

export const overview = { mount, show, update };
