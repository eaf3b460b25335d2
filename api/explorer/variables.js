// Values for an operation's variables: what it requires, by the ids and values of earlier answers, by the schema, and by words
// that no schema tells.

import { example } from "./examples.js";
import { innermost } from "./schema.js";
import { idsIn, typeOf, versionOf } from "./seen.js";

const HEAD = /^\s*(?:query|mutation|subscription)\b\s*\w*\s*\(([\s\S]*?)\)\s*[{@]/m;
const DECLARED = /\$(\w+)\s*:\s*(?:\[\s*(\w+)!?\s*\]|(\w+))(!?)\s*(=?)/g;

/** The variables that a text declares: name, named type, whether it is a list of it, and whether a value must be given. */
export function declared(text) {
  const head = HEAD.exec(text.replace(/#.*/g, ""))?.[1] ?? "";
  return [...head.matchAll(DECLARED)].map(([, name, item, single, bang, preset]) => (
    { name, type: item ?? single, list: Boolean(item), required: Boolean(bang) && !preset }));
}

/** Optional variables that are worth a look. */
const SHOWN = {
  "*": ["search", "comment", "doneOn"], GrantRole: ["unitId"], CreateUnit: ["fullName"], UpdateTarget: ["text"], ResetSecondFactor: ["reason"],
};
/** Of these, the value that is taken first; the first that the schema has otherwise. */
const PREFERRED = {
  StatisticsGroup: "UNIT", Role: "UNIT_REPORTER", NoticeColour: "YELLOW", Light: "YELLOW",
  ReviewDecision: "ACCEPT", RequestDecision: "APPROVE", DisputeDecision: "INSIST",
  RefinementDecision: "APPROVE", PeriodKind: "MONTH", UnitKind: "GOVERNMENT_DEPARTMENT",
};
/** How much of a list is asked for is for whoever asks to say, not for earlier answers. */
const PAGES = ["first", "last"];
const NUMBERS = { first: 20, last: 20, percentComplete: 60, year: 2022 };

/**
 * The variables with which an operation can be run at once. `context`: `seen` (what answers have shown), and if known `schema`,
 * `today` (the server's day), `language`, `account` and `password`.
 */
export function variables({ name, text }, context) {
  const shown = [...SHOWN["*"], ...(SHOWN[name] ?? [])];
  const values = {};
  const all = declared(text);
  for (const each of all) {
    const wanted = each.required || shown.includes(each.name);
    if (wanted && each.name !== "expectedVersion") values[each.name] = value({ ...each, id: stem(each.name, text) }, context, `${name}.${each.name}`);
  }
  const version = all.find((each) => each.name === "expectedVersion");
  if (version?.required) values.expectedVersion = versionOf(idsIn(values), context.seen) ?? 1;
  return values;
}

function value({ name, type, list, id }, context, path) {
  if (list) {
    const one = value({ name, type, id }, context, path);
    return one === "" && type !== "ID" ? [] : [one];
  }
  if (type === "ID") return idFor(id, context) ?? "";
  const seen = context.seen.values.get(name);
  switch (type) {
    case "Int": return typeof seen === "number" && !PAGES.includes(name) ? Math.trunc(seen) : NUMBERS[name] ?? 1;
    case "Float": return typeof seen === "number" ? seen : 1;
    case "Decimal": return typeof seen === "string" && /^-?\d/.test(seen) ? seen : "1";
    case "Boolean": return typeof seen === "boolean" ? seen : true;
    case "Date": return day(name, context);
    case "DateTime": return `${day(name, context)}T09:00:00+08:00`;
    case "Upload": return null;
    case "String": return words(name, path, context);
    default: return special(type, context);
  }
}

function words(name, path, { account, password, language, seen }) {
  const known = { "SignIn.username": account ?? "office", "SignIn.password": password ?? "" };
  if (path in known) return known[path];
  if (name === "current") return password ?? "";
  if (name === "refreshToken" || path === "UpdateTarget.text") return seen.values.get(name) ?? "";
  return example(path, language) ?? example(name, language) ?? "";
}

function special(type, context) {
  const told = context.schema?.types.get(type);
  if (told?.kind === "ENUM" || (!told && type in PREFERRED)) {
    const names = told?.enumValues.map((each) => each.name);
    return !names || names.includes(PREFERRED[type]) ? PREFERRED[type] : names[0];
  }
  return told?.inputFields ? input(told, context) : {};
}

/** An input object: what it requires, and the plain values that answers or examples have for the rest. */
function input(of, context) {
  const fields = of.inputFields.map((field) => ({
    name: field.name, type: innermost(field.type), id: field.name.replace(/Ids?$/, ""),
    list: isList(field.type), required: field.type.kind === "NON_NULL" && field.defaultValue === null,
  }));
  const values = {};
  const oneOf = of.isOneOf ? fields.slice(0, 1) : [];
  for (const field of fields) {
    if (field.name === "expectedVersion") continue;
    if (field.required || oneOf.includes(field) || known(field, context)) values[field.name] = value(field, context, `${of.name}.${field.name}`);
  }
  const version = fields.find(({ name }) => name === "expectedVersion");
  const last = version && versionOf(idsIn(values), context.seen);
  if (version && (version.required || last !== null)) values.expectedVersion = last ?? 1;
  return values;
}

const isList = (type) => type.kind === "LIST" || (type.kind === "NON_NULL" && type.ofType.kind === "LIST");

/** Whether a plain value of an optional field's name is at hand. */
function known({ name, type, list }, { seen, language }) {
  if (list || name === "clientMutationId") return false;
  const kind = { Int: "number", Float: "number", Boolean: "boolean" }[type];
  if (kind) return typeof seen.values.get(name) === kind || name in NUMBERS;
  return type === "String" && example(name, language) !== undefined;
}

/** A day by which something is due, or on which it was done, as the server's calendar stands. */
function day(name, { seen, today }) {
  const year = seen.values.get("year") ?? NUMBERS.year;
  const now = today ?? `${year}-12-01`;
  if (/^(done|from)/.test(name)) return now;
  const old = seen.values.get(name.replace(/^new(.)/, (_, first) => first.toLowerCase()));
  const later = /^new[A-Z]/.test(name) && typeof old === "string" && old > now ? old : now;
  return plus(later, /^new[A-Z]/.test(name) ? 30 : 14);
}

function plus(date, days) {
  const moment = new Date(`${date.slice(0, 10)}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

/** Of what an ID variable is: by the argument or field that takes it, `targetId` or `target(id:)`, or by its own name. */
function stem(name, text) {
  const taken = [...text.matchAll(new RegExp(`(\\w+)\\s*:\\s*\\$${name}\\b`, "g"))].map(([, argument]) => argument);
  const argument = taken.find((each) => /Ids?$/.test(each)) ?? taken[0] ?? name;
  if (argument !== "id") return argument.replace(/Ids?$/, "");
  return new RegExp(`(\\w+)\\s*\\([^()]*\\bid\\s*:\\s*\\$${name}\\b`).exec(text)?.[1] ?? name;
}

/** Names of what has another type's name. */
const ROLES = { predecessor: "leader", successor: "leader" };

/** Whether an id of this type may stand for it: `notice` is a SupervisionNotice, unless the schema has a Notice. */
function fits(id, type, schema) {
  const name = (ROLES[id] ?? id).replace(/^./, (first) => first.toUpperCase());
  if (type === name) return true;
  return type.endsWith(name) && !schema?.types.has(name);
}

function idFor(id, { seen, schema }) {
  return [...seen.ids].reverse().find(([type]) => fits(id, type, schema))?.[1];
}

/**
 * Puts an id that was chosen into the variables of an operation that take one of its type, and the version seen with it; answers
 * what was filled. `all`: optional variables, too.
 */
export function fill(id, given, text, context, all) {
  const type = typeOf(id);
  const filled = [];
  if (!type) return filled;
  for (const { name, type: of, list, required } of declared(text)) {
    // Who takes over is the one that was seen before: a click says from whom.
    if (of !== "ID" || stem(name, text) === "successor" || !fits(stem(name, text), type, context.schema) || !(all || required || name in given)) continue;
    given[name] = list ? [id] : id;
    filled.push(name);
  }
  for (const [name, item] of Object.entries(given)) if (item && typeof item === "object" && !Array.isArray(item)) within(item, name);
  if (filled.length && "expectedVersion" in given) given.expectedVersion = versionOf(idsIn(given), context.seen) ?? given.expectedVersion;
  return filled;

  function within(object, path) {
    let changed = false;
    for (const [name, item] of Object.entries(object)) {
      if (item && typeof item === "object" && !Array.isArray(item)) within(item, `${path}.${name}`);
      else if (/Ids?$/.test(name) && fits(name.replace(/Ids?$/, ""), type, context.schema)) {
        object[name] = Array.isArray(item) ? [id] : id;
        filled.push(`${path}.${name}`);
        changed = true;
      }
    }
    if (!changed) return;
    const ids = idsIn(object);
    const version = versionOf(ids, context.seen);
    if (version !== null) object.expectedVersion = version;
    // Of several ids that nothing is known of, the object is new, and has no version yet.
    else if (ids.length > 1) delete object.expectedVersion;
  }
}

/** Where files go: the paths of all variables of type Upload, those within input objects by the schema. */
export function uploads(text, schema) {
  return declared(text).flatMap((each) => places({ ...each, path: [each.name] }, schema, 4));
}

function places({ path, type, list, required }, schema, depth) {
  if (type === "Upload") return [{ path, list, required }];
  const fields = depth && !list ? schema?.types.get(type)?.inputFields ?? [] : [];
  return fields.flatMap((field) => places({
    path: [...path, field.name], type: innermost(field.type), list: isList(field.type), required: required && field.type.kind === "NON_NULL",
  }, schema, depth - 1));
}
