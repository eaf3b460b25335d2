// The schema's documentation, with search.

import { element } from "./answer.js";
import { say } from "./i18n.js";
import { innermost, print } from "./schema.js";

/** Shows the documentation of a schema in an element; `search` narrows it. */
export function documentation(body, search, schema) {
  const trail = [];
  const open = (name) => {
    if (!schema.types.has(name)) return;
    trail.push(name);
    search.value = "";
    type(schema.types.get(name));
    body.querySelector("h3")?.scrollIntoView({ block: "nearest" });
  };
  const link = (name, text = name) => {
    const button = element("button", "link", text);
    button.type = "button";
    button.addEventListener("click", () => open(name));
    return button;
  };
  const entry = (field) => {
    const item = element("li");
    const code = element("code", "", field.name);
    if (field.args?.length) {
      code.append("(");
      field.args.forEach((argument, at) => {
        code.append(at ? ", " : "", `${argument.name}: `, link(innermost(argument.type), print(argument.type)));
      });
      code.append(")");
    }
    if (field.type) code.append(": ", link(innermost(field.type), print(field.type)));
    item.append(code, element("p", "text", field.description ?? ""));
    return item;
  };
  const type = (of) => {
    const list = element("ul");
    for (const field of of.fields ?? of.inputFields ?? of.enumValues ?? []) list.append(entry(field));
    const back = element("button", "quiet", say("back"));
    back.type = "button";
    back.addEventListener("click", () => {
      trail.pop();
      const before = trail.pop();
      if (before) open(before);
      else start();
    });
    body.replaceChildren(back, element("h3", "", `${of.kind.toLowerCase()} ${of.name}`), element("p", "text", of.description ?? ""), list);
  };
  const start = () => {
    trail.length = 0;
    const list = element("ul");
    const roots = [schema.query, schema.mutation, schema.subscription].filter(Boolean);
    for (const name of roots) {
      const item = element("li");
      item.append(link(name), element("p", "text", schema.types.get(name)?.description ?? ""));
      list.append(item);
    }
    for (const of of [...schema.types.values()].sort((a, b) => a.name.localeCompare(b.name))) {
      if (roots.includes(of.name)) continue;
      const item = element("li");
      item.append(link(of.name));
      list.append(item);
    }
    body.replaceChildren(element("h3", "", say("roots")), list);
  };
  const find = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!wanted.length) return start();
    const holds = (...texts) => wanted.every((word) => texts.some((text) => text?.toLowerCase().includes(word)));
    const list = element("ul");
    for (const of of schema.types.values()) {
      if (holds(of.name, of.description)) {
        const item = element("li");
        item.append(link(of.name), element("p", "text", of.description ?? ""));
        list.append(item);
      }
      for (const field of of.fields ?? of.inputFields ?? of.enumValues ?? []) {
        if (!holds(field.name, field.description, ...(field.args ?? []).map(({ name }) => name))) continue;
        const item = element("li");
        item.append(link(of.name), element("code", "", `.${field.name}`), element("p", "text", field.description ?? ""));
        list.append(item);
      }
    }
    body.replaceChildren(list.childElementCount ? list : element("p", "text", say("nothing")));
  };
  search.oninput = find;
  start();
}
