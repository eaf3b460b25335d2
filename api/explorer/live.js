// The pane of live events: what a subscription brings, for one account, or for two side by side.

import { element, paint } from "./answer.js";
import { say } from "./i18n.js";
import { remember } from "./seen.js";
import { subscribe } from "./socket.js";

/** So many events are kept; the oldest go first. */
const MOST = 200;
const SIGNS = { a: "A", b: "B" };

/** A field of the event to a line. */
function lines(value) {
  if (!value || typeof value !== "object") return [JSON.stringify(value)];
  // A line break within a string is written \\n: those that are there come from the printing.
  return Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${JSON.stringify(item, null, 1).replace(/\n\s*/g, " ")}`);
}

/** The pane: `start` subscribes, `stop` ends. `onId` takes a clicked id; `seen` remembers what events show. */
export function live(pane, { onId, seen }) {
  const [status, list, button] = ["#live-status", "#live-list", "#live-stop"].map((id) => pane.querySelector(id));
  let streams = [];
  let rows = new Map();
  let counts = {};
  let told = {};

  const words = () => {
    const names = streams.length > 1 ? streams.map(({ side, name }) => [side, `${SIGNS[side]} ${name}`]) : streams.map(({ side, name }) => [side, name]);
    status.textContent = names.map(([side, name]) => `${name}: ${told[side]?.() ?? ""}${say("events", { n: counts[side] })}`).join(" · ");
    button.hidden = !streams.some(({ stop }) => stop);
  };

  /** An event of both accounts is one row: it has the same id wherever it comes from. */
  const row = (key, sides) => {
    if (rows.has(key)) return rows.get(key);
    const line = element("tr");
    const mark = element("td", "mark");
    const cells = Object.fromEntries(sides.map((side) => [side, element("td")]));
    if (sides.length > 1) line.append(mark);
    line.append(...Object.values(cells));
    const made = { line, mark, cells, has: new Set() };
    rows.set(key, made);
    list.querySelector("tbody").append(line);
    if (rows.size > MOST) {
      const [oldest, { line: gone }] = rows.entries().next().value;
      gone.remove();
      rows.delete(oldest);
    }
    return made;
  };

  const show = (side, payload, sides) => {
    counts[side] += 1;
    remember(payload, seen);
    const event = payload.data && Object.values(payload.data)[0];
    const key = typeof event?.id === "string" ? event.id : `${side} ${counts[side]}`;
    const { line, mark, cells, has } = row(key, sides);
    has.add(side);
    for (const text of lines(payload.errors ? payload : event)) cells[side].append(paint(text, onId), "\n");
    const alone = sides.length > 1 && has.size === 1;
    line.className = alone ? `only-${side}` : "";
    mark.textContent = alone ? SIGNS[side] : "";
    mark.title = alone ? say(side === "a" ? "onlyA" : "onlyB") : "";
    list.scrollTop = list.scrollHeight;
    words();
  };

  const stop = () => {
    for (const stream of streams) stream.stop?.();
  };

  /** Subscribes for each of these: `{ side, name, username }`. What was shown before is gone. */
  const start = (who, query, variables) => {
    stop();
    const sides = who.map(({ side }) => side);
    rows = new Map();
    counts = Object.fromEntries(sides.map((side) => [side, 0]));
    told = Object.fromEntries(sides.map((side) => [side, () => say("connecting")]));
    const table = element("table", "diff");
    const head = element("tr");
    if (sides.length > 1) head.append(element("th", "mark", ""));
    for (const { side, name } of who) head.append(element("th", "", sides.length > 1 ? `${SIGNS[side]} · ${name}` : name));
    const top = element("thead");
    top.append(head);
    table.append(top, element("tbody"));
    list.replaceChildren(table);
    pane.hidden = false;
    streams = who.map(({ side, name, username }) => {
      const stream = { side, name };
      const mine = () => streams.includes(stream);
      stream.stop = subscribe(username, query, variables, {
        begun: () => { if (mine()) { told[side] = () => say("listening"); words(); } },
        next: (payload) => mine() && show(side, payload, sides),
        end: (why) => {
          stream.stop = null;
          if (!mine()) return;
          told[side] = () => say(why.startsWith("4403") ? "streamForbidden" : why ? "streamEnded" : "streamStopped", { why });
          words();
        },
      });
      return stream;
    });
    words();
  };

  button.addEventListener("click", stop);
  return { start, stop, words, running: () => streams.some((stream) => stream.stop) };
}
