// Two answers side by side: lists are matched by the ids of their items, so that a missing row moves nothing.

/** The rows of a comparison: `{ a, b, mark }` with the text of each side; mark is "", "a", "b" or "changed". */
export function compare(a, b) {
  const rows = [];
  walk(rows, "", a, b, 0, "", true, true);
  return rows;
}

const MISSING = Symbol("missing");
const pad = (depth) => "  ".repeat(depth);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function walk(rows, key, a, b, depth, comma) {
  const label = key === "" ? "" : `${JSON.stringify(key)}: `;
  if (b === MISSING) return print(rows, label, a, depth, comma, "a");
  if (a === MISSING) return print(rows, label, b, depth, comma, "b");
  if (isObject(a) && isObject(b)) {
    rows.push(both(`${pad(depth)}${label}{`));
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    keys.forEach((name, at) => walk(rows, name, name in a ? a[name] : MISSING, name in b ? b[name] : MISSING, depth + 1, at < keys.length - 1 ? "," : ""));
    rows.push(both(`${pad(depth)}}${comma}`));
  } else if (Array.isArray(a) && Array.isArray(b)) {
    rows.push(both(`${pad(depth)}${label}[`));
    const pairs = match(a, b);
    pairs.forEach(([left, right], at) => walk(rows, "", left, right, depth + 1, at < pairs.length - 1 ? "," : ""));
    rows.push(both(`${pad(depth)}]${comma}`));
  } else if (JSON.stringify(a) === JSON.stringify(b)) {
    print(rows, label, a, depth, comma, "");
  } else {
    const text = (value) => `${pad(depth)}${label}${JSON.stringify(value, null, 2).replaceAll("\n", `\n${pad(depth)}`)}${comma}`;
    rows.push({ a: text(a), b: text(b), mark: "changed" });
  }
}

const both = (text) => ({ a: text, b: text, mark: "" });

function print(rows, label, value, depth, comma, mark) {
  const text = JSON.stringify(value, null, 2).split("\n");
  text.forEach((line, at) => {
    const whole = `${pad(depth)}${at === 0 ? label : ""}${line}${at === text.length - 1 ? comma : ""}`;
    rows.push({ a: mark === "b" ? "" : whole, b: mark === "a" ? "" : whole, mark });
  });
}

/** What tells an item of a list from the others. */
export const identity = (item) =>
  (isObject(item) ? item.id ?? item.node?.id ?? null : item === null ? null : JSON.stringify(item));

/** Pairs the items of two lists: those with the same identity together, the others alone, in the order of the lists. */
export function match(a, b) {
  const known = a.every((item) => identity(item) !== null) && b.every((item) => identity(item) !== null);
  if (!known) {
    return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [at < a.length ? a[at] : MISSING, at < b.length ? b[at] : MISSING]);
  }
  const rest = new Map(b.map((item) => [identity(item), item]));
  const order = b.map(identity);
  const pairs = [];
  let next = 0;
  for (const item of a) {
    const id = identity(item);
    if (rest.has(id)) {
      while (next < order.length && order[next] !== id) {
        const skipped = order[next];
        if (rest.has(skipped) && !a.some((other) => identity(other) === skipped)) {
          pairs.push([MISSING, rest.get(skipped)]);
          rest.delete(skipped);
        }
        next += 1;
      }
      pairs.push([item, rest.get(id)]);
      rest.delete(id);
    } else pairs.push([item, MISSING]);
  }
  for (const item of rest.values()) pairs.push([MISSING, item]);
  return pairs;
}

/** How much each side sees of the first list that has ids: `{ a, b, both }`, or null when there is none. */
export function summary(a, b) {
  const [left, right] = [firstList(a), firstList(b)];
  if (!left && !right) return null;
  const [ids, others] = [new Set((left ?? []).map(identity)), new Set((right ?? []).map(identity))];
  return { a: ids.size, b: others.size, both: [...ids].filter((id) => others.has(id)).length };
}

function firstList(value) {
  if (Array.isArray(value)) return value.length && identity(value[0]) !== null && isObject(value[0]) ? value : null;
  if (!isObject(value)) return null;
  for (const item of Object.values(value)) {
    const found = firstList(item);
    if (found) return found;
  }
  return null;
}
