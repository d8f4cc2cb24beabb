// Decides what is shown of one call, one event, one delivery.
import * as api from "./api.js";
import { badge, button, copyable, el, head, json, link, ms, pairs, say, STATES, statusLook, time } from "./dom.js";
import { diff } from "./diff.js";
import { world } from "./live.js";

const part = (title, ...more) => el("section", {}, el("h3", {}, title), more);
const body = (title, value) => el("section", {}, el("div", { class: "head" }, el("h3", {}, title), copyable(text(value))), json(value));
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
const list = (items) => el("ul", { class: "plain" }, items.map((item) => el("li", {}, item)));
const quiet = (words) => el("p", { class: "quiet" }, words);
const headers = (given) => list(Object.entries(given).map(([name, value]) => [el("b", {}, name), ` ${value}`]));

function parsed(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

async function request(id) {
  const row = await api.call("GET", `/requests/${id}`);
  const caused = world.events.filter((event) => event.request === id);
  return [
    head([badge(row.status, statusLook(row.status)), " ", row.method, " ", row.path]),
    pairs(["Request", row.id], ["When", time(row.at)], ["Took", ms(row.duration_ms)], ["Error", row.error],
      ["Idempotency key", row.idempotency_key], ["API version", row.api_version]),
    caused.length > 0 && part("Events", list(caused.map((event) => link(`#events/${event.id}`, event.type)))),
    row.params && Object.keys(row.params).length > 0 && body("Parameters", row.params),
    row.truncated.includes("params") && part("Parameters", quiet("They were too long for the log.")),
    row.answer !== null && body("Answer", row.answer),
    row.truncated.includes("answer") && quiet(row.answer === null ? `The answer of ${row.answer_bytes} bytes is not kept any more.`
      : `The answer had ${row.answer_bytes} bytes; the log keeps its beginning.`),
  ];
}

// No call reads one event alone: asked is for those about its object at its instant.
async function found(id) {
  const known = world.events.find((event) => event.id === id);
  const query = new URLSearchParams({ limit: 10000 });
  if (known) {
    query.set("after", known.created);
    query.set("before", known.created + 1);
    if (known.object) query.set("object", known.object);
  }
  const event = (await api.call("GET", `/events?${query}`)).data.find((one) => one.id === id);
  if (!event) throw new api.Refusal(`This world has no event ${id}.`);
  return event;
}

async function event(id) {
  const one = await found(id);
  const before = one.data.previous_attributes;
  const sent = (await api.call("GET", `/deliveries?event=${id}`)).data;
  const again = button("Send again", async () => {
    const { data } = await api.call("POST", `/events/${id}/resend`, {});
    say(data.length ? `Sent to ${data.length} endpoint${data.length > 1 ? "s" : ""}.` : "No endpoint wants this event.");
  });
  return [
    head(one.type, again),
    pairs(["Event", one.id], ["When", time(one.created)], ["Object", one.data.object.id], ["Account", one.account],
      ["Request", one.request?.id && link(`#requests/${one.request.id}`, one.request.id)],
      ["Webhooks to be answered", one.pending_webhooks || null], ["API version", one.api_version]),
    before && part("What changed", diff(before, one.data.object)),
    sent.length > 0 && part("Deliveries", attempts(sent)),
    body("Event", one),
  ];
}

const attempts = (rows, here) => list(rows.map((row) => {
  const words = `attempt ${row.attempt}`;
  return [badge(row.response?.status ?? row.status, STATES[row.status]), " ", row.id === here ? words : link(`#deliveries/${row.id}`, words),
    " ", el("span", { class: "quiet" }, row.url)];
}));

async function delivery(id) {
  const known = world.deliveries.find((row) => row.id === id);
  const rows = (await api.call("GET", `/deliveries?limit=10000${known ? `&event=${known.event}` : ""}`)).data;
  const row = rows.find((one) => one.id === id);
  if (!row) throw new api.Refusal(`This world has no delivery ${id}.`);
  const replay = button("Replay", async () => {
    const made = await api.call("POST", `/deliveries/${id}/replay`, {});
    say(`Attempt ${made.attempt}: ${made.response?.status ?? made.error ?? made.status}`);
    location.hash = `deliveries/${made.id}`;
  }, "primary");
  const all = rows.filter((one) => one.event === row.event && one.endpoint === row.endpoint);
  return [
    head([badge(row.response?.status ?? row.status, STATES[row.status]), " ", row.type], replay),
    pairs(["Delivery", row.id], ["Event", link(`#events/${row.event}`, row.event)], ["Endpoint", row.url], ["Status", row.status],
      ["Attempt", row.attempt], ["When", time(row.at)], ["Took", ms(row.latency_ms)], ["Left as", row.order && `number ${row.order}`],
      ["Disturbed by", row.fault], ["Error", row.error]),
    all.length > 1 && part("Attempts", attempts(all, id)),
    row.request && part("Signature", pairs(...signature(row.request.headers["Stripe-Signature"]))),
    row.request && part("Headers sent", headers(row.request.headers)),
    row.request && body("Body sent", parsed(row.request.body)),
    row.response && part("Answer", headers(row.response.headers ?? {}), row.response.body ? json(parsed(row.response.body)) : quiet("The body is empty.")),
  ];
}

const signature = (header) => (header ?? "").split(",").map((piece) => {
  const [name, ...value] = piece.split("=");
  const words = value.join("=");
  return [name, name === "t" ? [`${words} `, el("span", { class: "quiet" }, time(Number(words)))] : words];
});

export const details = {
  requests: async (id) => (await request(id)).filter(Boolean),
  events: async (id) => (await event(id)).filter(Boolean),
  deliveries: async (id) => (await delivery(id)).filter(Boolean),
};
