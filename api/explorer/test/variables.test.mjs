// Ready variables: every operation of every document gets them, of the right kind, once the ids have been seen.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { kindOf, subjects } from "../operations.js";
import { innermost, print } from "../schema.js";
import { freshen, memory, remember, see, typeOf } from "../seen.js";
import { declared, fill, uploads, variables } from "../variables.js";
import { read } from "./sdl.mjs";

const here = (path) => new URL(path, import.meta.url);
const documents = readdirSync(here("../operations")).map((path) => ({ path, text: readFileSync(here(`../operations/${path}`), "utf8") }));
const all = subjects(documents);
const schema = read(readFileSync(here("../../../schema.graphql"), "utf8"));
const operation = (name) => all.flatMap(({ operations }) => operations).find((each) => each.name === name);
const id = (type, key = 1) => Buffer.from(`${type}:${key}`).toString("base64url");

/** What has an id: everything that implements Node, and the interfaces whose ids are common to their kinds. */
const NODES = [...schema.types.values()].filter(({ interfaces, kind }) => kind === "OBJECT" && interfaces?.includes("Node")).map(({ name }) => name);
const tag = (type) => (/^(Extension|Closure)Request$/.test(type) ? "TargetRequest" : type);
const everything = () => {
  const seen = memory();
  for (const type of NODES) see(seen, id(tag(type)));
  remember({ data: { report: { id: id("ProgressReport"), version: 7 }, refreshToken: "r", text: "t" } }, seen);
  return { seen, schema, today: "2022-10-20", language: "en", account: "office", password: "luoshi-demo" };
};

/** Of what an ID is, by the names that the schema's arguments have: said once more here, so that a wrong guess shows. */
const OF = {
  targetId: "Target", unitId: "Unit", unitIds: "Unit", userId: "User", grantId: "RoleGrant", reportId: "ProgressReport", periodId: "ReportingPeriod",
  noticeId: "SupervisionNotice", instructionId: "Instruction", requestId: "TargetRequest", milestoneId: "Milestone", assignmentId: "Assignment",
  assignmentIds: "Assignment", disputeId: "Dispute", designationId: "Designation", planId: "Plan", leaderId: "Leader", groupId: "UnitGroup",
  attachmentIds: "Attachment", sectionId: "Section", leaderIds: "Leader", predecessorId: "Leader", successorId: "Leader", "TargetDetail.id": "Target",
};
/** Texts that only whoever asks can know. */
const FREE = ["ChangePassword.new", "ConfirmSecondFactor.code", "ReplaceRecoveryCodes.code", "EndSecondFactor.code"];

function check(value, type, path) {
  if (type.kind === "NON_NULL") {
    if (innermost(type) !== "Upload") assert.ok(value !== null && value !== undefined, `${path} has no value`);
    return check(value, type.ofType, path);
  }
  if (value === null) return assert.equal(innermost(type), "Upload", path);
  if (type.kind === "LIST") {
    assert.ok(Array.isArray(value) && value.length, `${path}: a list with something in it`);
    return value.forEach((item) => check(item, type.ofType, path));
  }
  const told = schema.types.get(type.name);
  assert.ok(told, `${path}: ${type.name} is not in the schema`);
  if (told.kind === "ENUM") return assert.ok(told.enumValues.some(({ name }) => name === value), `${path}: ${value} is no ${type.name}`);
  if (told.kind === "INPUT_OBJECT") {
    for (const field of told.inputFields) {
      if (field.name in value) check(value[field.name], field.type, `${path}.${field.name}`);
      else assert.ok(field.type.kind !== "NON_NULL" || field.defaultValue !== null, `${path}.${field.name} is missing`);
    }
    return Object.keys(value).forEach((name) => assert.ok(told.inputFields.some((field) => field.name === name), `${path}.${name} is not in ${type.name}`));
  }
  const name = path.split(".").at(-1);
  switch (type.name) {
    case "ID": return assert.equal(typeOf(value), OF[path] ?? OF[name] ?? "(say in this test what it is of)", path);
    case "Int": return assert.ok(Number.isInteger(value), path);
    case "Boolean": return assert.equal(typeof value, "boolean", path);
    case "Date": return assert.match(value, /^2022-1[0-2]-\d\d$/, path);
    case "DateTime": return assert.ok(Date.parse(value), path);
    case "Decimal": return assert.match(value, /^-?\d+(\.\d+)?$/, path);
    case "String": return assert.ok(typeof value === "string" && (value || FREE.includes(path)), `${path} is empty`);
    default: assert.fail(`${path}: this test does not know ${type.name}`);
  }
}

/** The type of a declared variable, as introspection would tell it. */
function typed(written) {
  if (written.endsWith("!")) return { kind: "NON_NULL", ofType: typed(written.slice(0, -1)) };
  if (written.startsWith("[")) return { kind: "LIST", ofType: typed(written.slice(1, -1)) };
  return { kind: "NAMED", name: written };
}
const written = (text, name) => new RegExp(`\\$${name}\\s*:\\s*([\\w[\\]!]+)`).exec(text)[1];

test("every operation of every document can be run as it is", () => {
  const operations = all.flatMap((subject) => subject.operations);
  assert.ok(operations.length > 50, `${operations.length} operations`);
  for (const { name, kind, text } of operations) {
    assert.equal(kindOf(`# query\n${text}`), kind);
    const given = variables({ name, text }, everything());
    const all = declared(text);
    assert.equal(all.length, new Set(text.match(/\$\w+(?=\s*:)/g)).size, `${name}: all variables are read`);
    for (const variable of all) {
      const type = typed(written(text, variable.name));
      if (variable.required) assert.ok(variable.name in given, `${name}.${variable.name} is missing`);
      if (variable.name in given) check(given[variable.name], type, `${name}.${variable.name}`);
    }
    for (const variable of Object.keys(given)) assert.ok(all.some((each) => each.name === variable), `${name} has no ${variable}`);
    if ("expectedVersion" in given && "reportId" in given) assert.equal(given.expectedVersion, 7, `${name}: the version that was seen`);
  }
});

test("without introspection, ids, enums and dates are there all the same", () => {
  const context = { ...everything(), schema: null };
  for (const { name, text } of all.flatMap((subject) => subject.operations)) {
    for (const variable of declared(text).filter(({ required, type }) => required && !schema.types.get(type)?.inputFields)) {
      check(variables({ name, text }, context)[variable.name], typed(written(text, variable.name)), `${name}.${variable.name}`);
    }
  }
});

test("the subjects come in their order, and one that nobody knows comes last", () => {
  const names = subjects([...documents, { path: "operations/zebra.graphql", text: "query Z {\n  viewer\n}" }]).map(({ name }) => name);
  assert.equal(names[0], "targets");
  assert.equal(names.at(-1), "zebra");
  assert.equal(names.length, documents.length + 1);
});

test("a clicked id becomes the variable of its type, wherever one takes it", () => {
  const context = everything();
  const click = (name, of, given, optional = false) => {
    see(context.seen, of);
    return [fill(of, given, operation(name).text, context, optional), given];
  };
  const notice = id("SupervisionNotice", 9);
  assert.deepEqual(click("AnswerNotice", notice, { noticeId: "", body: "b" }), [["noticeId"], { noticeId: notice, body: "b" }]);
  const report = id("ProgressReport", 3);
  remember({ data: { progressReports: { edges: [{ node: { id: report, version: 12 } }] } } }, context.seen);
  assert.deepEqual(click("RequestSignoff", report, { reportId: "", expectedVersion: 1 })[1], { reportId: report, expectedVersion: 12 });
  const units = [id("Unit", 4), id("Unit", 5)];
  assert.deepEqual(click("DesignateUnits", units[0], { designationId: "d", unitIds: [units[1]] })[1], { designationId: "d", unitIds: [units[0]] });
  assert.deepEqual(click("MyTargets", units[0], { year: 2022 }), [[], { year: 2022 }]);
  const period = id("ReportingPeriod", 2);
  assert.deepEqual(click("Statistics", period, {})[1], {}, "an optional variable is left out");
  assert.deepEqual(click("Statistics", period, {}, true)[1], { periodId: period }, "unless it is asked for");
  assert.deepEqual(click("SaveProgressReport", period, { input: { targetId: "t", periodId: "" } })[1].input.periodId, period);
  assert.deepEqual(click("DecideRequest", id("TargetRequest", 8), { requestId: "" })[1].requestId, id("TargetRequest", 8));
  assert.deepEqual(click("TargetDetail", "nonsense", { id: "x" }), [[], { id: "x" }]);
});

test("the latest answer counts, with the first that it shows of each type, and of periods the one that is open", () => {
  const seen = memory(() => Date.parse("2022-10-20T01:00:00Z"));
  const period = (key, opensAt, lockedAt) => ({ id: id("ReportingPeriod", key), opensAt, lockedAt });
  remember({ data: { plan: { reportingPeriods: [
    period(1, "2022-06-20T00:00:00Z", "2022-07-04T00:00:00Z"), period(2, "2022-10-15T00:00:00+08:00", "2022-11-01T00:00:00+08:00"),
    period(3, "2022-11-15T00:00:00Z", "2022-12-01T00:00:00Z"),
  ] } } }, seen);
  assert.equal(seen.ids.get("ReportingPeriod"), id("ReportingPeriod", 2));
  remember({ data: { targets: [{ id: id("Target", 1) }, { id: id("Target", 2) }] } }, seen);
  assert.equal(seen.ids.get("Target"), id("Target", 1));
  remember({ data: { target: { id: id("Target", 5), dueOn: "2022-12-31" } } }, seen);
  assert.equal(seen.ids.get("Target"), id("Target", 5));
  remember({ errors: [{ message: "no" }] }, seen);
  const given = variables(operation("RequestExtension"), { seen, language: "zh-CN", today: "2022-10-20" });
  assert.equal(given.newDueOn, "2023-01-30", "later than the day that was seen");
});

test("a draft that was saved is changed with the version that it has now", () => {
  const seen = memory();
  const context = { seen, schema, language: "en" };
  see(seen, id("Target"));
  see(seen, id("ReportingPeriod"));
  const first = variables(operation("SaveProgressReport"), context);
  assert.ok(!("expectedVersion" in first.input), "a new report has none");
  remember({ data: { saveProgressReport: { report: { id: id("ProgressReport"), version: 1 } } } }, seen, first);
  assert.equal(variables(operation("SaveProgressReport"), context).input.expectedVersion, 1);
  remember({ data: { submitProgressReport: { report: { id: id("ProgressReport"), version: 2 } } } }, seen, { reportId: id("ProgressReport") });
  const stale = { reportId: id("ProgressReport"), expectedVersion: 1 };
  freshen(stale, seen);
  assert.equal(stale.expectedVersion, 2);
  const other = { input: { ...first.input, expectedVersion: 1 } };
  see(seen, id("Target", 2));
  fill(id("Target", 2), other, operation("SaveProgressReport").text, context, false);
  assert.ok(!("expectedVersion" in other.input), "another target's report is a new one");
});

test("rules are set from those that were read", () => {
  const { seen } = everything();
  remember({ data: { plan: { rules: { yellowAtLeast: 75, replyDays: 6, noticeBehind: false } } } }, seen);
  const { input } = variables(operation("SetPlanRules"), { seen, schema, language: "en" });
  assert.deepEqual(input, { planId: id("Plan"), noticeBehind: false, replyDays: 6 });
});

test("what administrators do has its tabs, with what it needs", () => {
  const context = everything();
  for (const [name, kind] of Object.entries({
    DraftTargets: "query", AddTarget: "mutation", UpdateTarget: "mutation", RemoveTarget: "mutation", DiscardPlan: "mutation",
    CreateUnit: "mutation", CreateLeader: "mutation", SucceedLeader: "mutation", ResetSecondFactor: "mutation",
    BeginSecondFactor: "mutation", ConfirmSecondFactor: "mutation", ReplaceRecoveryCodes: "mutation", EndSecondFactor: "mutation",
  })) assert.equal(operation(name)?.kind, kind, name);
  remember({ data: { plan: { targets: { nodes: [{ id: id("Target", 3), version: 4, text: "新增企业3家。" }] } } } }, context.seen);
  assert.deepEqual(variables(operation("UpdateTarget"), context), { targetId: id("Target", 3), text: "新增企业3家。", expectedVersion: 4 });
  assert.deepEqual(variables(operation("RemoveTarget"), context), { targetId: id("Target", 3), expectedVersion: 4 });
  assert.deepEqual(variables(operation("BeginSecondFactor"), context), { current: "luoshi-demo" });
  assert.equal(variables(operation("CreateUnit"), { ...context, language: "zh-CN" }).name, "市低空经济办");
  // Who was created takes over from whoever is clicked.
  remember({ data: { createLeader: { leader: { id: id("Leader", 9) } } } }, context.seen);
  const given = variables(operation("SucceedLeader"), context);
  assert.equal(given.successorId, id("Leader", 9));
  fill(id("Leader", 2), given, operation("SucceedLeader").text, context);
  assert.deepEqual([given.predecessorId, given.successorId], [id("Leader", 2), id("Leader", 9)]);
});

test("files have their fields", () => {
  assert.deepEqual(uploads(operation("UploadAttachment").text, null), [{ path: ["file"], list: false, required: true }]);
  assert.deepEqual(uploads("mutation ($input: UploadAttachmentInput!) { uploadAttachment(input: $input) { __typename } }", schema),
    [{ path: ["input", "file"], list: false, required: true }]);
  assert.deepEqual(uploads(operation("MyTargets").text, schema), []);
  assert.equal(print(schema.types.get("UploadAttachmentInput").inputFields[1].type), "Upload!");
});
