// Decides how requests, events and deliveries are listed: newest first, live, filtered, one of them in detail beside.
import * as api from "./api.js";
import { world } from "./live.js";
import { badge, button, el, empty, ms, say, stamp, STATES, statusLook, sync } from "./dom.js";
import { details } from "./details.js";

const KINDS = {
  requests: {
    hint: "Filter by method, path, status, id",
    none: "No API call yet. Calls with this world's key appear here as they are made.",
    text: (row) => `${row.method} ${row.path} ${row.status} ${row.error ?? ""} ${row.id} ${row.idempotency_key ?? ""}`,
    row: (row) => [
      badge(row.status, statusLook(row.status)),
      el("span", { class: "what" }, el("b", {}, row.method), " ", row.path, row.error && el("span", { class: "quiet" }, ` ${row.error}`)),
      el("span", { class: "num" }, ms(row.duration_ms)),
      row.at,
    ],
  },
  events: {
    hint: "Filter by type, object, id",
    none: "No event yet. Make something by the API, or move the clock.",
    text: (row) => `${row.type} ${row.object ?? ""} ${row.name ?? ""} ${row.changed.join(" ")} ${row.id} ${row.request ?? ""}`,
    row: (row) => [
      el("span", { class: "what" }, el("b", {}, row.type), " ",
        el("span", { class: "quiet" }, [row.object, row.name].filter(Boolean).join(" · "))),
      el("span", { class: "changed quiet" }, row.changed.join(", ")),
      row.created,
    ],
  },
  deliveries: {
    hint: "Filter by type, endpoint, status, id",
    none: "No delivery yet. Add a webhook endpoint by the API; events are then sent to it.",
    text: (row) => `${row.type} ${row.url} ${row.status} ${row.answered ?? ""} ${row.id} ${row.event} ${row.subject ?? ""}`,
    row: (row) => [
      badge(row.answered ?? row.status, STATES[row.status]),
      el("span", { class: "what" }, el("b", {}, row.type), " ", el("span", { class: "quiet" }, row.url)),
      el("span", { class: "num quiet" }, row.attempt > 1 ? `attempt ${row.attempt}` : ""),
      el("span", { class: "num" }, ms(row.latency_ms)),
      row.at,
    ],
  },
};

class List {
  constructor(name) {
    this.name = name;
    this.kind = KINDS[name];
    this.shown = null; // the rows while the list is held
    this.chosen = null;
  }

  mount(section) {
    this.filter = el("input", { type: "search", "aria-label": this.kind.hint, placeholder: this.kind.hint, input: () => this.draw() });
    this.hold = el("button", { type: "button", "aria-pressed": "false", click: () => this.pause() }, "Hold");
    const clear = this.name !== "events" && button("Clear", () => this.clear());
    this.rows = el("ol", { class: `rows ${this.name}`, keydown: (event) => this.walk(event) });
    this.none = empty(this.kind.none);
    this.detail = el("article", { class: "detail", tabindex: "-1", hidden: true, "aria-label": "Details", "data-testid": "detail" });
    this.split = el("div", { class: "split" },
      el("div", { class: "list" }, el("div", { class: "tools" }, this.filter, this.hold, clear), this.none, this.rows), this.detail);
    section.append(this.split);
  }

  pause() {
    this.shown = this.shown ? null : world[this.name];
    this.hold.setAttribute("aria-pressed", String(this.shown !== null));
    this.draw();
  }

  async clear() {
    await api.call("DELETE", `/${this.name}`);
    world[this.name] = [];
    this.shown &&= [];
    if (this.chosen) location.hash = this.name;
    this.draw();
    say("Cleared.");
  }

  walk(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const next = step && event.target.closest("li")?.[step];
    if (!next) return;
    event.preventDefault();
    next.firstElementChild.focus();
  }

  update() {
    this.draw();
    if (this.chosen && this.rowOf(this.chosen) !== this.told) this.fill(this.chosen); // an attempt was made meanwhile
  }

  rowOf(id) {
    return world[this.name].find((row) => row.id === id);
  }

  draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const all = this.shown ?? world[this.name];
    const rows = wanted ? all.filter((row) => this.kind.text(row).toLowerCase().includes(wanted)) : all;
    sync(this.rows, rows, (row) => this.row(row));
    this.none.hidden = rows.length > 0;
    this.none.textContent = all.length ? "Nothing matches the filter." : this.kind.none;
    const waiting = this.shown ? world[this.name].findIndex((row) => row.id === this.shown[0]?.id) : 0;
    this.hold.textContent = this.shown ? (waiting > 0 ? `Go on (${waiting} new)` : "Go on") : "Hold";
  }

  row(row) {
    const parts = this.kind.row(row);
    const at = parts.pop();
    const [day, hour] = stamp(at).split(" ");
    return el("li", {}, el("a", { href: `#${this.name}/${row.id}`, "data-testid": this.name, "aria-current": row.id === this.chosen && "true" },
      parts, el("time", { class: "when quiet", title: "UTC, on the world's clock" }, el("span", { class: "day" }, `${day} `), hour)));
  }

  async show(id) {
    const before = this.chosen;
    this.chosen = id ?? null;
    this.draw();
    this.rows.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const chosen = (one) => this.rows.known?.get(one)?.node.firstElementChild;
    if (!id) {
      const focused = this.detail.contains(document.activeElement);
      this.split.classList.remove("open");
      this.detail.hidden = true;
      if (focused) chosen(before)?.focus();
      return;
    }
    chosen(id)?.setAttribute("aria-current", "true");
    await this.fill(id);
    if (this.chosen !== id) return;
    this.detail.hidden = false;
    this.split.classList.add("open");
    this.detail.scrollTop = 0;
    this.detail.focus();
  }

  async fill(id) {
    this.told = this.rowOf(id);
    const parts = await details[this.name](id).catch((error) => [el("h2", {}, id), el("p", { class: "notice bad" }, error.message)]);
    if (this.chosen !== id) return; // another one was chosen meanwhile
    const within = this.detail.contains(document.activeElement);
    this.detail.replaceChildren(el("a", { class: "close", href: `#${this.name}` }, "Close"), ...parts);
    if (within) this.detail.focus();
  }
}

export const lists = Object.fromEntries(Object.keys(KINDS).map((name) => [name, new List(name)]));
