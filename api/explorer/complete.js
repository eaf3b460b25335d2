// Completion: what may stand at the cursor, by the schema and the text before it.

import { innermost, print } from "./schema.js";

/** Takes a text apart into names, punctuation and strings; comments and spaces are left out. */
export function tokens(text) {
  const found = [];
  const pattern = /#[^\n]*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|\.\.\.|[A-Za-z_]\w*|-?\d[\d.eE+-]*|[{}()[\]:!=$@|&]/g;
  for (const match of text.matchAll(pattern)) {
    if (!match[0].startsWith("#")) found.push({ text: match[0], at: match.index, end: match.index + match[0].length });
  }
  return found;
}

const isName = (token) => token && /^[A-Za-z_]/.test(token.text);

/** What may stand at a place of the text: `{ from, items: [{ text, detail, about }] }`. */
export function complete(schema, text, cursor) {
  const before = text.slice(0, cursor);
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  const from = cursor - word.length;
  const context = place(schema, tokens(before.slice(0, from)), text);
  const items = options(schema, context, text)
    .filter(({ text: option }) => option.toLowerCase().startsWith(word.toLowerCase()) && option !== word)
    .slice(0, 40);
  return { from, items };
}

/** Follows the tokens: in which type, in which field's arguments, in which value the cursor stands. */
function place(schema, list) {
  const stack = [];
  let last = null; // the field, argument or input type that an opening bracket would enter
  let root = schema.query;
  let previous = null;
  for (let at = 0; at < list.length; at += 1) {
    const token = list[at];
    const top = stack.at(-1);
    const { text } = token;
    if (text === "{") {
      if (!top) stack.push({ kind: "set", type: last?.on ?? root });
      else if (top.kind === "set") stack.push({ kind: "set", type: last?.type ?? last?.on });
      else stack.push({ kind: "object", type: top.value ?? last?.type });
      last = null;
    } else if (text === "(") {
      stack.push(top?.kind === "set" ? { kind: "arguments", field: last } : { kind: "definitions" });
    } else if (text === "[") {
      stack.push({ kind: "list", value: top?.value });
    } else if (text === "}" || text === ")" || text === "]") {
      const closed = stack.pop();
      last = closed?.kind === "arguments" ? closed.field : null;
      if (stack.at(-1)) stack.at(-1).value = null;
      if (!stack.length) root = schema.query;
    } else if (isName(token)) {
      if (!top) {
        if (text === "mutation") root = schema.mutation;
        else if (text === "subscription") root = schema.subscription;
        else if (text === "query") root = schema.query;
        else if (previous?.text === "on") last = { on: text };
      } else if (top.kind === "set") {
        if (previous?.text === "on" && list[at - 2]?.text === "...") last = { on: text };
        else if (previous?.text !== "..." && text !== "on") last = field(schema, top.type, text);
      } else if (top.kind === "arguments" && previous?.text !== ":" && previous?.text !== "$") {
        const argument = top.field?.args?.find(({ name }) => name === text);
        top.value = argument ? innermost(argument.type) : null;
      } else if (top.kind === "object" && previous?.text !== ":" && previous?.text !== "$") {
        const input = schema.types.get(top.type)?.inputFields?.find(({ name }) => name === text);
        top.value = input ? innermost(input.type) : null;
      }
    }
    previous = token;
  }
  return { top: stack.at(-1), previous, before: list.at(-2) };
}

function field(schema, type, name) {
  const found = schema.types.get(type)?.fields?.find((candidate) => candidate.name === name);
  return found ? { ...found, type: innermost(found.type) } : null;
}

function options(schema, { top, previous, before }, text) {
  const named = ({ name, description, type }) => ({ text: name, detail: type ? print(type) : "", about: description ?? "" });
  if (previous?.text === "$") {
    return [...new Set([...text.matchAll(/\$(\w+)\s*:/g)].map((match) => match[1]))].map((name) => ({ text: name, detail: "$", about: "" }));
  }
  if (previous?.text === "on" && (before?.text === "..." || !top)) {
    return [...schema.types.values()].filter(({ fields }) => fields).map(({ name, description }) => ({ text: name, detail: "", about: description ?? "" }));
  }
  if (previous?.text === "...") {
    const fragments = [...text.matchAll(/fragment\s+(\w+)/g)].map((match) => ({ text: match[1], detail: "fragment", about: "" }));
    return [{ text: "on", detail: "", about: "" }, ...fragments];
  }
  if (!top) return ["query", "mutation", "subscription", "fragment"].map((word) => ({ text: word, detail: "", about: "" }));
  if (top.kind === "set") {
    const fields = schema.types.get(top.type)?.fields ?? [];
    return [...fields.map(named), { text: "__typename", detail: "String!", about: "" }];
  }
  if (top.kind === "definitions") {
    if (previous?.text !== ":" && previous?.text !== "[") return [];
    return [...schema.types.values()]
      .filter(({ kind }) => ["SCALAR", "ENUM", "INPUT_OBJECT"].includes(kind))
      .map(({ name, description }) => ({ text: name, detail: "", about: description ?? "" }));
  }
  const expectsValue = previous?.text === ":" || previous?.text === "[" || top.kind === "list";
  if (expectsValue) {
    const type = schema.types.get(top.value);
    if (top.value === "Boolean") return ["true", "false"].map((word) => ({ text: word, detail: "Boolean", about: "" }));
    return (type?.enumValues ?? []).map(({ name, description }) => ({ text: name, detail: top.value, about: description ?? "" }));
  }
  if (top.kind === "arguments") return (top.field?.args ?? []).map(named);
  if (top.kind === "object") return (schema.types.get(top.type)?.inputFields ?? []).map(named);
  return [];
}
