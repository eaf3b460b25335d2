// What earlier answers have shown: the ids of each type, the versions of objects, and values by their names.

/** The type that an id is of; null when it does not say. */
export function typeOf(id) {
  try {
    return /^([A-Za-z]+):\d+$/.exec(atob(id.replace(/-/g, "+").replace(/_/g, "/")))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** A memory with nothing in it. The latest id is the last of `ids`; `now()` is the server's time in milliseconds, if known. */
export const memory = (now = () => null) => ({ ids: new Map(), versions: new Map(), values: new Map(), now });

/** An id becomes the latest of its type. */
export function see(seen, id, type = typeOf(id)) {
  if (!type) return;
  seen.ids.delete(type);
  seen.ids.set(type, id);
}

/**
 * Remembers an answer, and what was sent for it: of each type and each name, the first that it shows counts; the first
 * that is under way, if there is one.
 */
export function remember(body, seen, sent = {}) {
  const firsts = { ids: new Map(), values: new Set() };
  walk(body?.data, { around: idsIn(sent), open: true }, seen, firsts);
  // The first of the answer is the last to be seen, so that it is the latest of those that one variable might take.
  for (const [type, { id }] of [...firsts.ids].reverse()) see(seen, id, type);
}

/** Whether something is under way, as far as it says: a target that is done is not, nor a period that is over. */
function isOpen({ state, opensAt, lockedAt }, now) {
  if (state === "COMPLETED") return false;
  if (now === null || !opensAt || !lockedAt) return true;
  return Date.parse(opensAt) <= now && now < Date.parse(lockedAt);
}

function walk(value, place, seen, firsts) {
  if (Array.isArray(value)) return value.forEach((item) => walk(item, place, seen, firsts));
  if (!value || typeof value !== "object") return;
  const open = place.open && isOpen(value, seen.now());
  let within = place.around;
  if (typeof value.id === "string" && typeOf(value.id)) {
    const type = typeOf(value.id);
    const first = firsts.ids.get(type);
    if (!first || (open && !first.open)) firsts.ids.set(type, { id: value.id, open });
    within = [...place.around, value.id];
    if (Number.isInteger(value.version)) {
      const beside = Object.values(value).map((item) => item?.id).filter((id) => typeof id === "string");
      seen.versions.set(value.id, { version: value.version, related: new Set([...within, ...beside]) });
    }
  }
  for (const [name, item] of Object.entries(value)) {
    if (item !== null && typeof item !== "object") {
      if (!firsts.values.has(name)) seen.values.set(name, item);
      firsts.values.add(name);
    } else walk(item, { around: within, open }, seen, firsts);
  }
}

/** All ids in a value. */
export function idsIn(value) {
  if (typeof value === "string") return typeOf(value) ? [value] : [];
  return value && typeof value === "object" ? Object.values(value).flatMap(idsIn) : [];
}

/**
 * The version of the object that these ids name: its own id is among them, or all of them (two or more) are around it, and around
 * no other; null when there is none.
 */
export function versionOf(ids, seen) {
  for (const id of ids) if (seen.versions.has(id)) return seen.versions.get(id).version;
  if (ids.length < 2) return null;
  const found = [...seen.versions.values()].filter(({ related }) => ids.every((id) => related.has(id)));
  return found.length === 1 ? found[0].version : null;
}

/** Brings each `expectedVersion` in variables up to what has been seen since. */
export function freshen(values, seen) {
  if (!values || typeof values !== "object") return;
  if ("expectedVersion" in values) values.expectedVersion = versionOf(idsIn(values), seen) ?? values.expectedVersion;
  Object.values(values).forEach((item) => freshen(item, seen));
}
