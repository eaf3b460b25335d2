// Reads schema.graphql as far as the explorer's tests need it, in the shape in which introspection tells the same.

import { model } from "../schema.js";

const SCALARS = ["ID", "Int", "Float", "String", "Boolean"];

/** The schema that a document in the schema language describes. */
export function read(text) {
  // Descriptions have lines of their own; what is left has no text in it.
  let told = false;
  const bare = text.split("\n").filter((line) => {
    const trimmed = line.trim();
    if (trimmed.startsWith('"""')) told = !told;
    else if (!told && !trimmed.startsWith('"')) return true;
    return false;
  }).join("\n");
  const kinds = new Map(SCALARS.map((name) => [name, "SCALAR"]));
  for (const [, word, name] of bare.matchAll(/^(type|input|enum|scalar|interface|union) (\w+)/gm)) {
    kinds.set(name, { type: "OBJECT", input: "INPUT_OBJECT" }[word] ?? word.toUpperCase());
  }
  const typed = (written) => {
    if (written.endsWith("!")) return { kind: "NON_NULL", name: null, ofType: typed(written.slice(0, -1)) };
    if (written.startsWith("[")) return { kind: "LIST", name: null, ofType: typed(written.slice(1, -1)) };
    return { kind: kinds.get(written), name: written, ofType: null };
  };
  const types = [...kinds].map(([name, kind]) => ({ name, kind }));
  for (const [, word, name, rest, body] of bare.matchAll(/^(type|input|enum|interface) (\w+)([^{\n]*)\{([\s\S]*?)^\}/gm)) {
    const of = types.find((type) => type.name === name);
    if (word === "enum") of.enumValues = body.split("\n").map((line) => line.trim()).filter(Boolean).map((each) => ({ name: each }));
    else if (word === "input") {
      of.isOneOf = rest.includes("@oneOf");
      of.inputFields = [...body.matchAll(/^\s*(\w+): ([\w[\]!]+)(?: = (.+))?$/gm)].map(([, field, type, preset]) => (
        { name: field, type: typed(type), defaultValue: preset ?? null }));
    } else {
      of.interfaces = [...rest.matchAll(/\w+/g)].map(([each]) => each).filter((each) => each !== "implements");
      const single = body.replace(/\([^()]*\)/g, "");
      of.fields = [...single.matchAll(/^\s*(\w+): ([\w[\]!]+)/gm)].map(([, field, type]) => ({ name: field, args: [], type: typed(type) }));
    }
  }
  return model({ queryType: { name: "Query" }, mutationType: { name: "Mutation" }, subscriptionType: { name: "Subscription" }, types });
}
