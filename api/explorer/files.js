// The fields for an operation's files: one for each variable of type Upload.

import { element } from "./answer.js";
import { say } from "./i18n.js";
import { uploads } from "./variables.js";

/** Shows the fields that a text wants in a box; those that are there stay, with the files chosen. */
export function fields(box, text, schema) {
  const wanted = uploads(text, schema);
  const key = JSON.stringify(wanted);
  if (box.dataset.wanted === key) return;
  box.dataset.wanted = key;
  box.replaceChildren(...wanted.map(({ path, list, required }) => {
    const line = element("label", "file");
    const input = element("input");
    Object.assign(input, { type: "file", multiple: list, required });
    input.dataset.path = path.join(".");
    line.append(element("span", "", `${say("file")} ${path.join(".")}`), input);
    return line;
  }));
  box.hidden = !wanted.length;
}

/** The chosen files: `{ path, file }` each; their variables are null, as the specification wants. Throws what is missing. */
export function chosen(box, given) {
  return [...box.querySelectorAll("input")].flatMap((input) => {
    const path = input.dataset.path.split(".");
    const at = path.slice(0, -1).reduce((object, name) => object?.[name], given);
    if (!input.files.length) {
      if (input.required) throw new Error(say("noFile", { name: input.dataset.path }));
      return [];
    }
    if (!at) throw new Error(say("noFile", { name: input.dataset.path }));
    at[path.at(-1)] = input.multiple ? [...input.files].map(() => null) : null;
    return [...input.files].map((file, place) => ({ file, path: input.multiple ? `${input.dataset.path}.${place}` : input.dataset.path }));
  });
}
