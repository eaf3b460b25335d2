// The query's editor: a text area with completion, usable by keyboard and screen reader alike.

import { complete } from "./complete.js";
import { element } from "./answer.js";

/** Gives a text area completion by `schema()`. */
export function editor(area, list, hint, schema, fallback) {
  let found = { from: 0, items: [] };
  let chosen = 0;
  const close = () => {
    list.hidden = true;
    area.setAttribute("aria-expanded", "false");
    area.removeAttribute("aria-activedescendant");
    hint.textContent = fallback();
  };
  const mark = () => {
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    const item = list.children[chosen];
    item?.scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", item?.id ?? "");
    hint.textContent = found.items[chosen]?.about || fallback();
  };
  const take = (at) => {
    const { text } = found.items[at];
    area.setRangeText(text, found.from, area.selectionStart, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("taken"));
  };
  const open = () => {
    if (!schema()) return;
    found = complete(schema(), area.value, area.selectionStart);
    if (!found.items.length) return close();
    chosen = 0;
    list.replaceChildren(...found.items.map(({ text, detail }, at) => {
      const item = element("li");
      item.id = `suggestion-${at}`;
      item.setAttribute("role", "option");
      item.append(element("span", "", text), element("span", "", detail));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(at); });
      return item;
    }));
    list.hidden = false;
    area.setAttribute("aria-expanded", "true");
    beside();
    mark();
  };
  // Below the line of the cursor, in a fixed-width font.
  const beside = () => {
    const before = area.value.slice(0, area.selectionStart).split("\n");
    const style = getComputedStyle(area);
    const height = parseFloat(style.lineHeight);
    const width = parseFloat(style.fontSize) * 0.6;
    const top = area.offsetTop + parseFloat(style.paddingTop) + before.length * height - area.scrollTop;
    const left = area.offsetLeft + before.at(-1).length * width - area.scrollLeft;
    list.style.top = `${Math.min(top, area.offsetTop + area.offsetHeight)}px`;
    list.style.left = `${Math.max(0, Math.min(left, area.offsetWidth - 230))}px`;
  };
  area.addEventListener("input", (event) => {
    if (event.inputType === "insertText" && /[A-Za-z_]/.test(event.data ?? "")) open();
    else close();
  });
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); open(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.items.length - 1)) % found.items.length;
      mark();
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  close();
}
