// The contract's operations, each a tab: taken from the documents as they are, whichever the server has.

/** Splits a document into its operations: name, text, and the comment above. */
export function split(document) {
  const operations = [];
  let comment = [];
  let lines = null;
  for (const line of document.split("\n")) {
    if (lines) {
      lines.push(line);
      if (line === "}") {
        operations.at(-1).text = lines.join("\n");
        lines = null;
      }
      continue;
    }
    const named = /^(query|mutation)\s+(\w+)/.exec(line);
    if (named) {
      operations.push({ name: named[2], kind: named[1], about: comment.join(" "), text: line });
      comment = [];
      lines = [line];
    } else if (line.startsWith("#")) comment.push(line.replace(/^#\s*/, ""));
    else comment = [];
  }
  return operations;
}

/** All operations of these documents; what front ends look at first comes first. */
export async function load(documents) {
  const texts = await Promise.all(documents.map(async (name) => (await fetch(`/explorer/${name}`)).text()));
  const operations = texts.flatMap(split);
  const first = ["MyTargets", "TargetDetail", "Outline", "Directory", "OpenDesignations", "Viewer"];
  return operations.sort((a, b) => rank(a, first) - rank(b, first));
}

const rank = ({ name }, first) => (first.includes(name) ? first.indexOf(name) : first.length);

/** What no declaration tells: which object an `id` is of, and words that are worth a look. */
const KNOWN = {
  TargetDetail: { id: "Target" },
  Directory: { search: "" },
  SignIn: { username: "office" },
  IssueNotice: { colour: "RED" },
  AnswerNotice: { noticeId: "SupervisionNotice" },
};
const NUMBERS = { year: 2022, first: 20 };

/** The variables with which an operation can be run at once: what it requires, with ids from earlier answers. */
export function variables({ name, text }, seen) {
  const declared = /^\w+\s+\w+\s*\(([\s\S]*?)\)\s*\{/.exec(text)?.[1] ?? "";
  const known = KNOWN[name] ?? {};
  const values = {};
  for (const [, variable, type, required, preset] of declared.matchAll(/\$(\w+)\s*:\s*(\[\w+!?\]|\w+)(!?)\s*(=?)/g)) {
    if ((required && !preset) || variable in known) values[variable] = value(variable, type, known, seen);
  }
  return values;
}

function value(variable, type, known, seen) {
  if (type.startsWith("[")) {
    const one = value(variable.replace(/s$/, ""), type.replace(/[[\]!]/g, ""), known, seen);
    return one === "" && !type.includes("ID") ? [] : [one];
  }
  if (type === "ID") {
    const of = known[variable] ?? variable.replace(/Id$/, "").replace(/^./, (letter) => letter.toUpperCase());
    return seen[of] ?? "";
  }
  if (variable in known) return known[variable];
  if (type === "Int" || type === "Float") return NUMBERS[variable] ?? 1;
  if (type === "Boolean") return true;
  return type === "String" || /^[A-Z]\w*(Date|Time|Decimal)$|^(Date|DateTime|Decimal)$/.test(type) ? "" : {};
}

/** Remembers the first id of each type that an answer shows. */
export function remember(value, seen) {
  if (Array.isArray(value)) value.forEach((item) => remember(item, seen));
  else if (value && typeof value === "object") {
    if (typeof value.id === "string") {
      const type = typeOf(value.id);
      if (type && !(type in seen)) seen[type] = value.id;
    }
    Object.values(value).forEach((item) => remember(item, seen));
  }
}

/** The type that an id is of, for filling the variable of the same name; null when it does not say. */
export function typeOf(id) {
  try {
    return /^([A-Za-z]+):\d+$/.exec(atob(id.replace(/-/g, "+").replace(/_/g, "/")))?.[1] ?? null;
  } catch {
    return null;
  }
}
