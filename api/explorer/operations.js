// The contract's operations, each a tab: taken from the documents as they are, whichever the server has.

/** Splits a document into its operations: name, kind, text, and the comment above. */
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
    const named = /^(query|mutation|subscription)\s+(\w+)/.exec(line);
    if (named) {
      operations.push({ name: named[2], kind: named[1], about: comment.join(" "), text: line });
      comment = [];
      lines = [line];
    } else if (line.startsWith("#")) comment.push(line.replace(/^#\s*/, ""));
    else comment = [];
  }
  return operations;
}

/** What a text asks for: the kind of its first operation. */
export const kindOf = (text) => /^\s*(query|mutation|subscription)\b/m.exec(text.replace(/#.*/g, ""))?.[1] ?? "query";

/** The order of the subjects; a document of another name comes after these. */
const ORDER = ["targets", "reports", "requests", "loop", "portal", "statistics", "steering", "session", "administration", "audit"];

/** The documents as subjects, each with its operations: `{ name, operations }`. */
export function subjects(documents) {
  const rank = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return documents
    .map(({ path, text }) => ({ name: path.replace(/^.*\/|\.graphql$/g, ""), operations: split(text) }))
    .filter(({ operations }) => operations.length)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** Gets the documents of these paths. */
export async function load(paths) {
  const get = async (path) => ({ path, text: await (await fetch(`/explorer/${path}`)).text() });
  return subjects(await Promise.all(paths.map(get)));
}
