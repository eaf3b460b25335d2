// The explorer's pure parts: splitting documents, completing, comparing. Run: node --test api/explorer/test/*.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { complete, tokens } from "../complete.js";
import { compare, match, summary } from "../diff.js";
import { split } from "../operations.js";
import { model, print } from "../schema.js";

const read = (name) => readFileSync(new URL(`../operations/${name}`, import.meta.url), "utf8");

test("documents are split into their operations, whole", () => {
  const operations = [...split(read("session.graphql")), ...split(read("targets.graphql")), ...split(read("statistics.graphql"))];
  assert.deepEqual(operations.map(({ name }) => name), ["SignIn", "RefreshSession", "SignOut", "ChangePassword", "Viewer",
    "BeginSecondFactor", "ConfirmSecondFactor", "ReplaceRecoveryCodes", "EndSecondFactor", "MyTargets",
    "TargetDetail", "Outline", "Directory", "OpenDesignations", "DesignateUnits", "Acknowledge", "Statistics", "Trend", "UnitRanking"]);
  for (const { text } of operations) {
    assert.equal(text.split("{").length, text.split("}").length);
    assert.match(text, /^(query|mutation) /);
  }
  assert.match(operations[0].about, /five failures/);
});

const named = (kind, name) => ({ kind, name, ofType: null });
const list = (ofType) => ({ kind: "NON_NULL", name: null, ofType: { kind: "LIST", name: null, ofType } });
const schema = model({
  queryType: { name: "Query" },
  mutationType: { name: "Mutation" },
  types: [
    { kind: "OBJECT", name: "Query", fields: [{ name: "plan", args: [{ name: "year", type: named("SCALAR", "Int") }, { name: "order", type: named("INPUT_OBJECT", "Order") }], type: named("OBJECT", "Plan") }] },
    { kind: "OBJECT", name: "Mutation", fields: [{ name: "signOut", args: [], type: named("OBJECT", "Plan") }] },
    { kind: "OBJECT", name: "Plan", fields: [{ name: "id", args: [], type: named("SCALAR", "ID") }, { name: "items", args: [], type: list(named("OBJECT", "Item")) }] },
    { kind: "OBJECT", name: "Item", fields: [{ name: "text", args: [], type: named("SCALAR", "String") }] },
    { kind: "INPUT_OBJECT", name: "Order", inputFields: [{ name: "direction", type: named("ENUM", "Direction") }] },
    { kind: "ENUM", name: "Direction", enumValues: [{ name: "ASC" }, { name: "DESC" }] },
    { kind: "SCALAR", name: "Int" },
  ],
});

/** The completions where | stands. */
const at = (text) => complete(schema, text.replace("|", ""), text.indexOf("|")).items.map((item) => item.text);

test("completion knows where it is", () => {
  assert.deepEqual(at("{ pl| }"), ["plan"]);
  assert.deepEqual(at("{ plan { | } }"), ["id", "items", "__typename"]);
  assert.deepEqual(at("{ plan(year: 1) { items { te| } } }"), ["text"]);
  assert.deepEqual(at("{ plan { items { text } | } }"), ["id", "items", "__typename"]);
  assert.deepEqual(at("{ plan(y| ) { id } }"), ["year"]);
  assert.deepEqual(at("{ plan(order: { | }) { id } }"), ["direction"]);
  assert.deepEqual(at("{ plan(order: { direction: D| }) { id } }"), ["DESC"]);
  assert.deepEqual(at("query Q($year: Int) { plan(year: $|) { id } }"), ["year"]);
  assert.deepEqual(at("query Q($y: I|) { plan { id } }"), ["Int"]);
  assert.deepEqual(at("mutation { s| }"), ["signOut"]);
  assert.deepEqual(at("{ plan { ...F } } fragment F on Item { | }"), ["text", "__typename"]);
  assert.deepEqual(at("{ plan { items { ... on Pl| } } }"), ["Plan"]);
  assert.deepEqual(at("# { plan { \n|"), ["query", "mutation", "subscription", "fragment"]);
});

test("tokens leave out comments and survive broken texts", () => {
  assert.deepEqual(tokens('{ a(b: "c{") # }\n }').map(({ text }) => text), ["{", "a", "(", "b", ":", '"c{"', ")", "}"]);
  assert.equal(tokens('"open').length, 1);
  assert.equal(print(schema.types.get("Plan").fields[1].type), "[Item]!");
});

test("lists are compared by the ids of their items", () => {
  const a = { list: [{ id: "1" }, { id: "2", x: 1 }, { id: "4" }] };
  const b = { list: [{ id: "2", x: 2 }, { id: "3" }, { id: "4" }] };
  const marks = compare(a, b).filter(({ mark }) => mark);
  assert.deepEqual(marks.filter(({ mark }) => mark === "changed").map(({ a: left, b: right }) => [left.trim(), right.trim()]), [['"x": 1', '"x": 2']]);
  assert.ok(marks.some(({ mark, a: left }) => mark === "a" && left.includes('"1"')));
  assert.ok(marks.some(({ mark, b: right }) => mark === "b" && right.includes('"3"')));
  assert.ok(!marks.some(({ a: left }) => left.includes('"4"')));
  assert.deepEqual(compare(a, a).filter(({ mark }) => mark), []);
});

test("edges are matched by their nodes, and what is missing keeps its place", () => {
  const edge = (id) => ({ cursor: "c" + id, node: { id } });
  const pairs = match(["1", "3"].map(edge), ["1", "2", "3"].map(edge));
  assert.deepEqual(pairs.map(([a, b]) => [a?.node?.id, b?.node?.id]), [["1", "1"], [undefined, "2"], ["3", "3"]]);
  assert.deepEqual(summary({ t: { edges: ["1", "3"].map(edge) } }, { t: { edges: ["1", "2", "3"].map(edge) } }), { a: 2, b: 3, both: 2 });
  assert.equal(summary({ x: 1 }, { x: 2 }), null);
});
