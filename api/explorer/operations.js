// The contract's operations, each a tab: taken from the documents as they are.

const DOCUMENTS = ["session.graphql", "targets.graphql"];

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

/** All operations; what front ends look at first comes first. */
export async function load() {
  const texts = await Promise.all(DOCUMENTS.map(async (name) => (await fetch(`/explorer/operations/${name}`)).text()));
  const operations = texts.flatMap(split);
  const first = ["MyTargets", "TargetDetail", "Outline", "Directory", "OpenDesignations", "Viewer"];
  return operations.sort((a, b) => rank(a, first) - rank(b, first));
}

const rank = ({ name }, first) => (first.includes(name) ? first.indexOf(name) : first.length);

/** The variables with which an operation can be run at once, with ids from earlier answers. */
export function variables(name, seen) {
  switch (name) {
    case "MyTargets": return { year: 2022, first: 20 };
    case "TargetDetail": return { id: seen.Target ?? "" };
    case "Outline": case "OpenDesignations": return { year: 2022 };
    case "Directory": return { first: 20, search: "" };
    case "DesignateUnits": return { designationId: seen.Designation ?? "", unitIds: [seen.Unit ?? ""] };
    case "Acknowledge": return { assignmentIds: [seen.Assignment ?? ""] };
    case "SignIn": return { username: "office", password: "" };
    case "RefreshSession": return { refreshToken: "" };
    case "ChangePassword": return { current: "", new: "" };
    default: return {};
  }
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
