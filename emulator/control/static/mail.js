// Decides how the world's mail is shown: its words as text, its codes and links to be used.
import * as api from "./api.js";
import { button, el, empty, head, link, say, sync, time } from "./dom.js";
import { world } from "./live.js";

let place, none, page;

function mount(section) {
  place = el("div");
  none = empty("No mail yet. What the account mails to its customers arrives here.");
  page = el("a", {}, "Open as a page");
  section.append(head("Mail", page, button("Clear", async () => {
    await api.call("DELETE", "/mail");
    say("Cleared.");
    await read();
  })), none, place);
}

async function read() {
  page.href = api.withKey(`${api.PREFIX}/mail`);
  const known = place.known;
  const { data } = await api.call("GET", "/mail");
  sync(place, data.map((mail) => known?.get(mail.id)?.item ?? mail), (mail) => el("article", { class: "card", "data-testid": "mail" },
    el("h3", {}, mail.subject || mail.about), el("p", { class: "quiet" }, `To ${mail.to} · `, time(mail.at)),
    mail.code && el("p", { class: "code" }, mail.code), el("pre", { class: "letter" }, mail.text),
    mail.links.length > 0 && el("ul", { class: "plain" }, mail.links.map((one) => el("li", {}, link(one, one))))));
  none.hidden = data.length > 0;
}

export const mail = { mount, show: read, update: (told) => (told.mail || told.first ? read() : null), count: () => world.mail.count };
