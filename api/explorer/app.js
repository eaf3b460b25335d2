// The explorer: accounts, tabs, running, and comparing. Everything it asks goes to /graphql, as any client's would.

import { element, facts, showOne, showTwo } from "./answer.js";
import { ask, now, signIn, today } from "./client.js";
import { documentation } from "./docs.js";
import { editor } from "./editor.js";
import { chosen, fields } from "./files.js";
import { current, say, sayOr, speak } from "./i18n.js";
import { live } from "./live.js";
import { kindOf, load as loadOperations } from "./operations.js";
import { load as loadSchema } from "./schema.js";
import { freshen, memory, remember, see } from "./seen.js";
import { tabList } from "./tabs.js";
import { fill, variables } from "./variables.js";

const at = (id) => document.getElementById(id);
const { demo, documents } = JSON.parse(at("settings").textContent);
const state = { a: null, b: null, tab: null, subject: null, schema: null, subjects: [], texts: new Map(), seen: memory(now), last: null };

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
  // Nothing is sent meanwhile: it would be sent as whoever it was before.
  at("run").disabled = true;
  try {
    if (username) await signIn(username, password);
    state[side] = username;
    if (username) at("status").textContent = say("signedIn") + username;
    await again();
  } catch (error) {
    at("status").textContent = say("badSignIn") + error.message;
  } finally {
    at("run").disabled = false;
  }
}

/** The subjects and, for the one that is chosen, its operations. */
function subjects() {
  const label = (name) => sayOr(`subject.${name}`, name);
  state.selectSubject = tabList(at("subjects"), at("subject-panel"), state.subjects.map((subject) => (
    { id: `subject-${subject.name}`, label: label(subject.name), choose: () => choose(subject.last ?? subject.operations[0]) })));
  if (state.subject) state.selectSubject(`subject-${state.subject.name}`);
}

/** Shows an operation, with what was last typed there. */
function choose(operation, fresh = false) {
  keep();
  const subject = state.subjects.find(({ operations }) => operations.includes(operation));
  if (subject !== state.subject) {
    state.subject = subject;
    state.selectSubject(`subject-${subject.name}`);
    state.selectTab = tabList(at("tabs"), at("panel"), subject.operations.map((each) => (
      { id: `tab-${each.name}`, label: each.name, choose: () => choose(each) })));
  }
  subject.last = operation;
  state.tab = operation;
  state.selectTab(`tab-${operation.name}`);
  const kept = fresh ? null : state.texts.get(operation.name);
  const query = kept?.query ?? operation.text;
  // Variables that nobody has touched follow what has been seen since.
  state.filled = kept && kept.variables !== kept.filled ? kept.filled : JSON.stringify(variables({ name: operation.name, text: query }, context()), null, 2);
  at("query").value = query;
  at("variables").value = kept && kept.variables !== kept.filled ? kept.variables : state.filled;
  at("variables-error").textContent = "";
  at("about").textContent = operation.about;
  about();
}

/** What the query asks for beside its variables: files, and a word where two accounts would act. */
function about() {
  const query = at("query").value;
  fields(at("files"), query, state.schema);
  at("both").hidden = !(at("compare").checked && kindOf(query) === "mutation");
}

/** What variables are filled from. */
const context = () => ({
  seen: state.seen, schema: state.schema, today: today(), language: current(), account: state.a, password: demo?.password });

/** After an answer: what nobody has touched is filled anew, and of the rest the versions. */
function refill() {
  const text = at("variables").value;
  if (text === state.filled) {
    at("variables").value = state.filled = JSON.stringify(variables({ name: state.tab.name, text: at("query").value }, context()), null, 2);
    return;
  }
  const values = given();
  freshen(values, state.seen);
  if (values && JSON.stringify(values) !== JSON.stringify(JSON.parse(text || "{}"))) at("variables").value = JSON.stringify(values, null, 2);
}

function keep() {
  if (state.tab) state.texts.set(state.tab.name, { query: at("query").value, variables: at("variables").value, filled: state.filled });
}

/** The variables as they stand; null, and why is said, when they are no JSON. */
function given() {
  try {
    at("variables-error").textContent = "";
    return JSON.parse(at("variables").value || "{}");
  } catch (error) {
    at("variables-error").textContent = say("badJson") + error.message;
    return null;
  }
}

/** Runs the operation as A, and as B when they are compared. */
async function run() {
  const sent = given();
  if (!sent) return;
  const query = at("query").value;
  if (kindOf(query) === "subscription") return listen(query, sent);
  let files;
  try {
    files = chosen(at("files"), sent);
  } catch (missing) {
    at("variables-error").textContent = missing.message;
    at("files").querySelector("input")?.focus();
    return;
  }
  const compared = at("compare").checked;
  const names = [state.a, state.b];
  at("run").disabled = true;
  at("status").textContent = say("running");
  try {
    const answers = await Promise.all([ask(state.a, query, sent, files), ...(compared ? [ask(state.b, query, sent, files)] : [])]);
    state.last = { answers, names };
    remember(answers[0].body, state.seen, sent);
    refill();
    show();
  } catch (error) {
    at("status").textContent = say("failed") + error.message;
  } finally {
    at("run").disabled = false;
  }
}

/** Subscribes as A, and as B when they are compared. Events have a pane of their own, so that other operations can be run meanwhile. */
function listen(query, sent) {
  state.listening = { query, sent };
  const who = (side) => ({ side, username: state[side], name: state[side] ?? say("anonymous") });
  state.live.start([who("a"), ...(at("compare").checked ? [who("b")] : [])], query, sent);
  at("status").textContent = say("subscribed");
}

/** After the accounts have changed: questions are asked again, and a subscription begins anew. A mutation waits until it is run. */
async function again() {
  if (state.live.running()) listen(state.listening.query, state.listening.sent);
  if (kindOf(at("query").value) === "query") await run();
}

function show() {
  if (!state.last) return;
  const [a, b] = state.last.answers;
  const names = state.last.names.map((name) => name ?? say("anonymous"));
  facts(at("facts"), b ? [[`A ${names[0]}`, a], [`B ${names[1]}`, b]] : [[names[0], a]]);
  if (b && a.body && b.body) at("status").textContent = showTwo(at("answer"), a, b, names, use);
  else {
    showOne(at("answer"), a, use);
    at("status").textContent = say("done", { status: a.status, ms: a.ms, n: a.statements ?? "–" });
  }
}

/** An id of the answer becomes the variable of its type: here and in every operation that takes one. */
function use(id) {
  see(state.seen, id);
  for (const [name, kept] of state.texts) {
    if (name === state.tab.name || kept.variables === kept.filled) continue;
    try {
      const values = JSON.parse(kept.variables);
      if (fill(id, values, kept.query, context(), false).length) kept.variables = JSON.stringify(values, null, 2);
    } catch { /* not JSON yet: whoever wrote it goes on there */ }
  }
  const values = given();
  const filled = values ? fill(id, values, at("query").value, context(), true) : [];
  if (filled.length) {
    at("variables").value = JSON.stringify(values, null, 2);
    at("status").textContent = say("filled", { name: filled.join(", ") });
    return;
  }
  navigator.clipboard?.writeText(id).catch(() => {});
  at("status").textContent = say("noVariable");
}

/** Everything that has words in it, in the language that is spoken now. */
function words() {
  speak(current());
  at("docs-search").placeholder = say("search");
  accounts("a");
  accounts("b");
  subjects();
  state.live.words();
  delete at("files").dataset.wanted;
  if (state.tab) choose(state.tab);
  at("hint").textContent = state.schema ? say("hint") : say("noIntrospection");
  if (state.schema) documentation(at("docs-body"), at("docs-search"), state.schema);
  else at("docs-body").textContent = say("noIntrospection");
}

async function start() {
  at("language").value = current();
  state.subjects = await loadOperations(documents);
  state.live = live(at("live"), { onId: use, seen: state.seen });
  state.schema = await loadSchema(ask).catch(() => null);
  words();
  editor(at("query"), at("suggestions"), at("hint"), () => state.schema, () => say(state.schema ? "hint" : "noIntrospection"));
  choose(state.subjects[0].operations[0]);
  at("query").addEventListener("input", about);
  at("language").addEventListener("change", (event) => { speak(event.target.value); words(); show(); });
  at("run").addEventListener("click", run);
  at("reset").addEventListener("click", () => choose(state.tab, true));
  at("compare").addEventListener("change", async (event) => {
    at("side-b").hidden = !event.target.checked;
    about();
    if (event.target.checked && !state.b && demo) {
      at("account-b").value = demo.accounts.find(({ role }) => role === "UNIT_MANAGER")?.username ?? "";
      await become("b", at("account-b").value || null, demo.password);
    } else await again();
  });
  at("docs-toggle").addEventListener("click", () => {
    const open = at("docs").hidden;
    at("docs").hidden = !open;
    at("docs-toggle").setAttribute("aria-expanded", String(open));
    if (open) at("docs-search").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!at("run").disabled) run(); }
  });
  if (demo) {
    at("account-a").value = "office";
    await become("a", "office", demo.password);
  }
  document.body.dataset.ready = "true";
}

start();
