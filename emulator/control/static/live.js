// Decides what the page knows of a world: what the stream told, newest first, and whether the stream runs.
import * as api from "./api.js";
import { $ } from "./dom.js";

export const MOST = 200;
export const world = { requests: [], events: [], deliveries: [], faults: [], due: [], mail: { count: 0, latest: null }, clock: null, gone: false };
const AGAIN = 2000;
let source;
let hear;
let heardAt = 0;

// The world's time now: a clock that runs is counted on from what was told last.
export function now() {
  if (!world.clock) return 0;
  return world.clock.mode === "frozen" ? world.clock.now : world.clock.now + Math.floor((Date.now() - heardAt) / 1000);
}

export function setClock(clock) {
  world.clock = clock;
  heardAt = Date.now();
}

export function follow(listener) {
  hear = listener;
  // A page that nobody sees costs nothing: browsers allow few connections to a server.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}

function state(words, look) {
  $("live").textContent = words;
  $("live").className = `live ${look}`;
}

function close() {
  source?.close();
  source = null;
  state("Paused", "wait");
}

function open() {
  source?.close();
  const mine = (source = new EventSource(`${api.PREFIX}/inspector/stream?key=${encodeURIComponent(api.key)}`));
  mine.onopen = () => state("Live", "ok");
  mine.onmessage = (message) => take(JSON.parse(message.data));
  mine.onerror = async () => {
    state("Not connected", "bad");
    if (mine.readyState !== EventSource.CLOSED || mine !== source) return;
    try {
      await api.call("GET", "/clock"); // the stream itself cannot say why
    } catch (error) {
      hear({ refused: error });
    }
    setTimeout(() => mine === source && open(), AGAIN);
  };
}

function take(told) {
  if (told.first) {
    Object.assign(world, { requests: [], events: [], deliveries: [], faults: [], due: [], gone: told.gone });
  }
  for (const name of ["requests", "events", "deliveries"]) {
    if (told.anew?.includes(name)) world[name] = [];
    if (told[name]) world[name] = merged(world[name], told[name]);
  }
  if (told.clock) setClock(told.clock);
  if (told.due) world.due = told.due;
  if (told.faults) world.faults = told.faults;
  if (told.mail) world.mail = told.mail;
  hear(told);
}

// New rows come first; a row that changed stays where it stands.
function merged(rows, told) {
  const later = new Map(told.map((row) => [row.id, row]));
  const kept = rows.map((row) => {
    const next = later.get(row.id);
    later.delete(row.id);
    return next ?? row;
  });
  return [...[...later.values()].reverse(), ...kept].slice(0, MOST);
}
