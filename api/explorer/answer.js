// Showing answers: one, or two side by side.

import { compare, summary } from "./diff.js";
import { say } from "./i18n.js";
import { typeOf } from "./seen.js";

/** Where a value of an answer can be fetched: a path of this server; null for anything else. */
function linkOf(key, value) {
  if (!/^\/(?!\/)/.test(value) || !(key === "url" || value.startsWith("/attachments/"))) return null;
  const url = new URL(value, location.origin);
  return url.origin === location.origin ? url.href : null;
}

/** A line of JSON with its parts coloured; ids are buttons, and this server's files links. */
export function paint(line, onId) {
  const parts = document.createDocumentFragment();
  const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?|true|false|null)/g;
  let at = 0;
  let key = "";
  for (const match of line.matchAll(pattern)) {
    parts.append(line.slice(at, match.index));
    at = match.index + match[0].length;
    const text = match[1] ?? match[3];
    if (match[2]) {
      key = JSON.parse(match[1]);
      parts.append(element("span", "k", text), match[2]);
    } else if (match[1] && onId && /^(id|\w+Id)$/.test(key) && typeOf(JSON.parse(text))) {
      const button = element("button", "id", text);
      button.type = "button";
      button.addEventListener("click", () => onId(JSON.parse(text)));
      parts.append(button);
    } else if (match[1] && linkOf(key, JSON.parse(text))) {
      const link = element("a", "s", text);
      Object.assign(link, { href: linkOf(key, JSON.parse(text)), target: "_blank", rel: "noopener noreferrer" });
      parts.append(link);
    } else parts.append(element("span", match[1] ? "s" : "n", text));
  }
  parts.append(line.slice(at));
  return parts;
}

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Shows one answer. */
export function showOne(target, answer, onId) {
  const text = answer.body ? JSON.stringify(answer.body, null, 2) : answer.text;
  const pre = element("pre");
  for (const line of text.split("\n")) pre.append(paint(line, onId), "\n");
  target.replaceChildren(pre);
}

const SIGNS = { "": "", a: "A", b: "B", changed: "≠" };
const CLASSES = { a: "only-a", b: "only-b", changed: "changed" };

/** Shows two answers side by side, their differences marked; answers what to say of them. */
export function showTwo(target, a, b, names, onId) {
  const rows = compare(a.body, b.body);
  const table = element("table", "diff");
  const columns = element("colgroup");
  for (const name of ["mark", "", ""]) columns.append(element("col", name));
  const head = element("tr");
  head.append(element("th", "", ""), element("th", "", `A · ${names[0]}`), element("th", "", `B · ${names[1]}`));
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr", CLASSES[row.mark]);
    const mark = element("td", "mark", SIGNS[row.mark]);
    if (row.mark) mark.title = say({ a: "onlyA", b: "onlyB", changed: "changed" }[row.mark]);
    const [left, right] = [element("td"), element("td")];
    left.append(paint(row.a, onId));
    right.append(paint(row.b, onId));
    line.append(mark, left, right);
    body.append(line);
  }
  const top = element("thead");
  top.append(head);
  table.append(columns, top, body);
  target.replaceChildren(table);
  const marked = rows.filter((row, at) => row.mark && row.mark !== rows[at - 1]?.mark).length;
  if (!marked) return say("same");
  const seen = summary(a.body?.data, b.body?.data);
  return [seen && say("summary", seen), say("differences", { n: marked })].filter(Boolean).join(" ");
}

/** Shows what an answer cost. */
export function facts(target, entries) {
  target.replaceChildren();
  for (const [name, answer] of entries) {
    const line = element("span");
    line.append(element("b", "", name));
    const told = [[say("status"), answer.status], [say("time"), `${answer.ms} ms`], [say("statements"), answer.statements ?? "–"],
      [say("size"), `${(answer.bytes / 1024).toFixed(1)} KiB`], [say("request"), answer.request ?? "–"]];
    for (const [label, value] of told) line.append(` · ${label} `, element("b", "", String(value)));
    target.append(line);
  }
}
