// The explorer: accounts, tabs, running, and comparing. Everything it asks goes to /graphql, as any client's would.

import { element, facts, showOne, showTwo } from "./answer.js";
import { ask, signIn } from "./client.js";
import { documentation } from "./docs.js";
import { editor } from "./editor.js";
import { current, say, speak } from "./i18n.js";
import { load as loadOperations, remember, typeOf, variables } from "./operations.js";
import { load as loadSchema } from "./schema.js";

const at = (id) => document.getElementById(id);
const { demo, documents } = JSON.parse(at("settings").textContent);
const state = { a: null, b: null, tab: null, schema: null, operations: [], texts: new Map(), seen: {}, last: null };

const GROUPS = { SUPERVISOR: "office", LEADER: "leader", UNIT_MANAGER: "unit", UNIT_REPORTER: "unit" };

/** The choice of an account for a side: one click for the demo's, a form otherwise. */
function accounts(side) {
  const box = at(`accounts-${side}`);
  if (!demo) {
    const form = element("form");
    const name = field(form, "text", say("username"), "username");
    const password = field(form, "password", say("password"), "current-password");
    form.append(element("button", "", say("signIn")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      become(side, name.value, password.value);
    });
    box.replaceChildren(form);
    return;
  }
  const select = element("select");
  select.id = `account-${side}`;
  select.setAttribute("aria-label", `${side.toUpperCase()}: ${say("account")}`);
  select.append(new Option(say("anonymous"), ""));
  const groups = new Map();
  for (const account of demo.accounts) {
    const key = GROUPS[account.role] ?? "admin";
    if (!groups.has(key)) {
      const group = element("optgroup");
      group.label = say(key);
      groups.set(key, group);
    }
    groups.get(key).append(new Option(`${account.username} · ${account.displayName}`, account.username));
  }
  for (const key of ["office", "leader", "unit", "admin"]) if (groups.has(key)) select.append(groups.get(key));
  select.value = state[side] ?? "";
  select.addEventListener("change", () => become(side, select.value || null, demo.password));
  box.replaceChildren(select);
}

function field(form, type, label, autocomplete) {
  const input = element("input");
  Object.assign(input, { type, placeholder: label, autocomplete });
  input.setAttribute("aria-label", label);
  form.append(input);
  return input;
}

/** Signs a side in as somebody, and asks again. */
async function become(side, username, password) {
  try {
    if (username) await signIn(username, password);
    state[side] = username;
    state.seen = {};
    if (username) at("status").textContent = say("signedIn") + username;
    await run();
  } catch (error) {
    at("status").textContent = say("badSignIn") + error.message;
  }
}

function tabs() {
  const buttons = state.operations.map((operation, place) => {
    const button = element("button", "", operation.name);
    Object.assign(button, { type: "button", id: `tab-${operation.name}` });
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", "panel");
    button.addEventListener("click", () => choose(operation));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = state.operations[(place + step + state.operations.length) % state.operations.length];
      choose(next);
      at(`tab-${next.name}`).focus();
    });
    return button;
  });
  at("tabs").replaceChildren(...buttons);
}

/** Shows an operation, with what was last typed there. */
function choose(operation, fresh = false) {
  keep();
  state.tab = operation;
  for (const button of at("tabs").children) {
    const selected = button.id === `tab-${operation.name}`;
    button.setAttribute("aria-selected", String(selected));
    button.tabIndex = selected ? 0 : -1;
    if (selected) at("panel").setAttribute("aria-labelledby", button.id);
  }
  const kept = fresh ? null : state.texts.get(operation.name);
  at("query").value = kept?.query ?? operation.text;
  const fill = kept && !/""/.test(kept.variables) ? kept.variables : JSON.stringify(variables(operation, state.seen), null, 2);
  at("variables").value = fill;
  at("about").textContent = operation.about;
}

function keep() {
  if (state.tab) state.texts.set(state.tab.name, { query: at("query").value, variables: at("variables").value });
}

/** Runs the operation as A, and as B when they are compared. */
async function run() {
  let given;
  try {
    given = JSON.parse(at("variables").value || "{}");
    at("variables-error").textContent = "";
  } catch (error) {
    at("variables-error").textContent = say("badJson") + error.message;
    return;
  }
  const query = at("query").value;
  const compared = at("compare").checked;
  at("run").disabled = true;
  at("status").textContent = say("running");
  try {
    const answers = await Promise.all([ask(state.a, query, given), ...(compared ? [ask(state.b, query, given)] : [])]);
    state.last = answers;
    remember(answers[0].body, state.seen);
    show();
  } catch (error) {
    at("status").textContent = say("failed") + error.message;
  } finally {
    at("run").disabled = false;
  }
}

function show() {
  if (!state.last) return;
  const [a, b] = state.last;
  const names = [state.a ?? say("anonymous"), state.b ?? say("anonymous")];
  facts(at("facts"), b ? [[`A ${names[0]}`, a], [`B ${names[1]}`, b]] : [[names[0], a]]);
  if (b && a.body && b.body) at("status").textContent = showTwo(at("answer"), a, b, names, use);
  else {
    showOne(at("answer"), a, use);
    at("status").textContent = say("done", { status: a.status, ms: a.ms, n: a.statements ?? "–" });
  }
}

/** An id of the answer becomes the variable of its type, where an operation wants one. */
function use(id) {
  const type = typeOf(id);
  if (type) state.seen[type] = id;
  try {
    const given = JSON.parse(at("variables").value || "{}");
    const wanted = { Target: "id", Designation: "designationId" }[type];
    if (wanted && wanted in given) {
      given[wanted] = id;
      at("variables").value = JSON.stringify(given, null, 2);
      at("status").textContent = say("copied", { name: wanted });
      return;
    }
  } catch { /* copied instead */ }
  navigator.clipboard?.writeText(id);
  at("status").textContent = say("noVariable");
}

/** Everything that has words in it, in the language that is spoken now. */
function words() {
  speak(current());
  at("docs-search").placeholder = say("search");
  accounts("a");
  accounts("b");
  at("hint").textContent = state.schema ? say("hint") : say("noIntrospection");
  if (state.schema) documentation(at("docs-body"), at("docs-search"), state.schema);
  else at("docs-body").textContent = say("noIntrospection");
}

async function start() {
  at("language").value = current();
  state.operations = await loadOperations(documents);
  state.schema = await loadSchema(ask).catch(() => null);
  words();
  editor(at("query"), at("suggestions"), at("hint"), () => state.schema, () => say(state.schema ? "hint" : "noIntrospection"));
  tabs();
  choose(state.operations[0]);
  at("language").addEventListener("change", (event) => { speak(event.target.value); words(); show(); });
  at("run").addEventListener("click", run);
  at("reset").addEventListener("click", () => choose(state.tab, true));
  at("compare").addEventListener("change", async (event) => {
    at("side-b").hidden = !event.target.checked;
    if (event.target.checked && !state.b && demo) {
      at("account-b").value = demo.accounts.find(({ role }) => role === "UNIT_MANAGER")?.username ?? "";
      await become("b", at("account-b").value || null, demo.password);
    } else await run();
  });
  at("docs-toggle").addEventListener("click", () => {
    const open = at("docs").hidden;
    at("docs").hidden = !open;
    at("docs-toggle").setAttribute("aria-expanded", String(open));
    if (open) at("docs-search").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  });
  if (demo) {
    at("account-a").value = "office";
    await become("a", "office", demo.password);
  }
  document.body.dataset.ready = "true";
}

start();
