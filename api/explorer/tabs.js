// Tabs, as the ARIA pattern has them: one stop for the tab key, arrows, Home and End within.

import { element } from "./answer.js";

/** Fills a tab list. An item has `id` (of its button), `label` and `choose()`. Answers what selects one by its id. */
export function tabList(box, panel, items) {
  const select = (id) => {
    for (const button of box.children) {
      const selected = button.id === id;
      button.setAttribute("aria-selected", String(selected));
      button.tabIndex = selected ? 0 : -1;
      if (!selected) continue;
      panel.setAttribute("aria-labelledby", id);
      // Along the list alone: the page stays where it is.
      const [left, right] = [button.offsetLeft - box.offsetLeft, button.offsetLeft - box.offsetLeft + button.offsetWidth];
      if (left < box.scrollLeft || right > box.scrollLeft + box.clientWidth) box.scrollLeft = left - 16;
    }
  };
  const buttons = items.map(({ id, label, choose }, place) => {
    const button = element("button", "", label);
    Object.assign(button, { type: "button", id });
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    button.addEventListener("click", choose);
    button.addEventListener("keydown", (event) => {
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: items.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = items[(to + items.length) % items.length];
      next.choose();
      document.getElementById(next.id).focus();
    });
    return button;
  });
  box.replaceChildren(...buttons);
  return select;
}
