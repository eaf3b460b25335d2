// The explorer in a real browser, against a running demo. Needs Chromium and playwright-core, neither of them ours:
//   BASE_URL=http://127.0.0.1:8000 PLAYWRIGHT=/path/to/node_modules/playwright-core/index.mjs node api/explorer/test/browser.mjs
// It acts in the demo, which had better be a fresh one. SCREENSHOTS names a folder for pictures; FROM_DISK=1 takes scripts and documents from
// this checkout instead of the server's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8000";
const shots = process.env.SCREENSHOTS;
const { chromium } = await import(process.env.PLAYWRIGHT ?? "playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page that fails the test when anything is asked elsewhere, or anything goes wrong. */
async function open({ clock, ...options }) {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  if (clock) await page.clock.install();
  page.troubles = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.troubles.push(message.text()));
  page.on("pageerror", (error) => page.troubles.push(String(error)));
  page.on("request", (request) => !request.url().startsWith(base) && !request.url().startsWith("data:") && page.troubles.push(request.url()));
  if (process.env.FROM_DISK) {
    await page.route("**/explorer/**", async (route) => {
      const path = new URL(route.request().url()).pathname.replace("/explorer/", "../");
      await route.fulfill({ response: await route.fetch(), body: readFileSync(new URL(path, import.meta.url), "utf8") });
    });
  }
  await page.goto(base);
  await page.waitForSelector("body[data-ready]");
  return page;
}
const shot = (page, name) => shots && page.screenshot({ path: `${shots}/${name}.png`, fullPage: false });
const answered = (page, text) => page.waitForFunction((wanted) => document.getElementById("answer").textContent.includes(wanted), text);
const vars = async (page) => JSON.parse(await page.inputValue("#variables"));
/** Chooses an operation's tab, by its subject. */
async function choose(page, subject, operation) {
  await page.click(`#subject-${subject}`);
  await page.click(`#tab-${operation}`);
}
/** Runs what is chosen, and waits for the answer. */
async function run(page) {
  await page.click("#run");
  await settled(page);
}
const settled = (page) => page.waitForFunction(() => !document.getElementById("run").disabled);

const become = async (page, name, side = "a") => {
  await page.selectOption(`#account-${side}`, name);
  await settled(page);
};

/** The README's tour: one target's report, from the draft to its acceptance. Every variable comes from an answer or the schema. */
async function theTour() {
  const page = await open({});
  await become(page, "fgw-reporter");
  const text = await page.textContent("#answer");
  const three = text.match(/"id": "([^"]+)",\s*"number": 3,/)[1];
  await page.locator("#answer button.id", { hasText: three }).first().click();
  await choose(page, "reports", "ReportingPeriods");
  await run(page);
  await page.click("#tab-SaveProgressReport");
  const { input } = await vars(page);
  assert.equal(input.targetId, three);
  assert.ok(input.periodId && input.progress, JSON.stringify(input));
  await run(page);
  await answered(page, '"status": "DRAFT"');
  assert.equal((await vars(page)).input.expectedVersion, 1, "the draft can be changed as it stands");
  await page.click("#tab-RequestSignoff");
  await run(page);
  await answered(page, '"status": "PENDING_SIGNOFF"');
  // Another account does not send a mutation by being chosen.
  await become(page, "fgw-manager");
  assert.match(await page.textContent("#status"), /已登录：fgw-manager/);
  await page.click("#tab-SubmitProgressReport");
  await run(page);
  await answered(page, '"status": "SUBMITTED"');
  await become(page, "office");
  await page.click("#tab-ReviewProgressReport");
  assert.equal((await vars(page)).decision, "ACCEPT");
  await run(page);
  await answered(page, '"status": "ACCEPTED"');
  await shot(page, "accepted-zh");
  await choose(page, "targets", "TargetDetail");
  assert.equal((await vars(page)).id, three);
  await run(page);
  await answered(page, input.progress);
  await page.check("#compare");
  await settled(page);
  await become(page, "yjj-manager", "b");
  await page.waitForSelector("tr.changed");
  assert.match(await page.textContent("#answer"), /未找到该对象/);
  await shot(page, "tour-zh");
  assert.deepEqual(page.troubles, []);
}

/** A file, without which the mutation is not sent; its link in the answer; and its id, for the request that needs it. */
async function aFile() {
  const page = await open({});
  await become(page, "fgw-manager");
  await choose(page, "requests", "UploadAttachment");
  assert.equal(await page.locator("#files input[type=file]").count(), 1);
  await page.click("#run");
  assert.match(await page.textContent("#variables-error"), /file/);
  await page.setInputFiles("#files input", { name: "验收.txt", mimeType: "text/plain", buffer: Buffer.from("现场照片三张。") });
  await run(page);
  await answered(page, '"sha256"');
  await shot(page, "upload-zh");
  const got = await page.request.get(await page.locator("#answer a.s").getAttribute("href"));
  assert.equal(got.status(), 200);
  assert.equal(await got.text(), "现场照片三张。");
  const [file] = await page.locator("#answer button.id").allTextContents();
  await page.click("#tab-RequestClosure");
  await page.locator("#answer button.id").first().click();
  assert.deepEqual((await vars(page)).attachmentIds, [JSON.parse(file)]);
  assert.match(await page.textContent("#status"), /attachmentIds/);
  await page.click("#tab-UploadAttachment");
  assert.equal(await page.locator("#files input").count(), 1);
  await page.click("#tab-RequestExtension");
  assert.ok(await page.locator("#files").isHidden());
  assert.deepEqual(page.troubles, []);
}

/** Two accounts listen side by side, while one of them acts: the other hears of what it may see, and of nothing else. */
async function liveEvents() {
  const page = await open({ clock: true });
  const frames = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => frames.push(JSON.parse(payload).type));
    socket.on("framereceived", ({ payload }) => frames.push(JSON.parse(payload).type));
  });
  await page.check("#compare");
  await settled(page);
  await become(page, "fgw-manager", "b");
  await page.waitForSelector("tr.only-a");
  // A target that A alone sees, and is not done; with its unit.
  const foreign = page.locator("tr.only-a button.id");
  const ids = (await foreign.allTextContents()).map((text) => JSON.parse(text));
  const is = (id, type) => Buffer.from(id, "base64url").toString().startsWith(`${type}:`);
  const twelve = (await page.locator("tr.only-a").allTextContents()).join("\n").match(/"id": "(\S+)",.*\n.*"number": 12,/)[1];
  const target = ids.indexOf(twelve);
  const unit = ids.findIndex((id, at) => at > target && is(id, "Unit"));
  assert.ok(target >= 0 && unit >= 0);

  await choose(page, "portal", "Events");
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("live-status").textContent.match(/正在接收/g)?.length === 2);
  await choose(page, "loop", "IssueNotice");
  const before = await vars(page);
  assert.match(before.replyDueOn, /^2022-1[01]-\d\d$/, "a day of the demo's year");
  assert.equal(before.colour, "YELLOW");
  await run(page);
  await page.waitForSelector("#live-list tbody tr:not([class*=only])");
  await choose(page, "targets", "MyTargets");
  await run(page);
  await foreign.nth(target).click();
  await foreign.nth(unit).click();
  await choose(page, "loop", "IssueNotice");
  const now = await vars(page);
  assert.deepEqual([now.targetId, now.unitId], [ids[target], ids[unit]]);
  await run(page);
  await page.waitForSelector("#live-list tbody tr.only-a");
  assert.equal(await page.locator("#live-list tbody tr.only-b").count(), 0, "B hears nothing that A does not");
  await shot(page, "live-zh");
  const shared = await page.locator("#live-list tbody tr:not([class*=only])").count();
  assert.ok(shared >= 1);
  await page.click("#live-stop");
  await page.waitForFunction(() => document.getElementById("live-status").textContent.match(/已停止/g)?.length === 2);
  assert.ok(await page.locator("#live-stop").isHidden());
  assert.ok(await page.locator("#both").isVisible(), "a mutation would be both accounts'");

  // Before its token expires, a socket gets a new one of the same session; and it ends with the session.
  await page.uncheck("#compare");
  await settled(page);
  await choose(page, "portal", "Events");
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("live-status").textContent.includes("正在接收"));
  frames.length = 0;
  const renewed = page.waitForEvent("requestfinished", (request) => request.postData()?.includes("RefreshSession"));
  await page.clock.fastForward("14:30");
  await renewed;
  while (!frames.includes("pong")) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(frames.slice(0, 2), ["ping", "pong"]);
  assert.match(await page.textContent("#live-status"), /正在接收/);
  await choose(page, "session", "SignOut");
  await run(page);
  await page.waitForFunction(() => document.getElementById("live-status").textContent.includes("登录已失效"));

  // Who is not signed in hears nothing.
  await become(page, "");
  await choose(page, "portal", "Events");
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("live-status").textContent.includes("未登录，或登录已失效"));
  assert.deepEqual(page.troubles, []);
}

/** More events than anybody reads: the oldest make room. And a server that ends the socket is quoted. */
async function manyEvents() {
  const page = await open({});
  await page.routeWebSocket("**/graphql", (socket) => {
    socket.onMessage((text) => {
      const { type, id } = JSON.parse(text);
      if (type === "connection_init") socket.send('{"type":"connection_ack"}');
      if (type !== "subscribe") return;
      for (let at = 1; at <= 250; at += 1) socket.send(JSON.stringify({ type: "next", id, payload: { data: { events: { id: `event ${at}` } } } }));
      socket.close({ code: 1013, reason: "Try again later" });
    });
  });
  await choose(page, "portal", "Events");
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("live-status").textContent.includes("1013 Try again later"));
  assert.match(await page.textContent("#live-status"), /250 条事件/);
  assert.equal(await page.locator("#live-list tbody tr").count(), 200);
  assert.match(await page.locator("#live-list tbody tr").first().textContent(), /event 51"/);
  assert.deepEqual(page.troubles, []);
}

try {
  const page = await open({});
  assert.match(await page.textContent("#status"), /完成：200/);
  assert.match(await page.textContent("#answer"), /"totalCount": 194/);
  await shot(page, "office-zh");

  // One click: another account, another answer.
  await page.selectOption("#account-a", "fgw-manager");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes('"totalCount": 39'));
  assert.match(await page.textContent("#facts"), /SQL 语句 \d+/);

  // Side by side, with what differs marked in signs and in words.
  await page.check("#compare");
  await page.selectOption("#account-b", "leader-1");
  await page.waitForSelector("tr.only-a");
  await settled(page);
  assert.match(await page.textContent("#status"), /A 看到 20 项，B 看到 20 项/);
  assert.ok((await page.locator("td.mark", { hasText: "A" }).count()) > 0 && (await page.locator("td.mark", { hasText: "B" }).count()) > 0);
  await shot(page, "side-by-side-zh");
  await page.uncheck("#compare");
  await settled(page);

  // The target of the last answer is the next operation's, run from the keyboard.
  await page.click("#tab-TargetDetail");
  assert.match(await page.inputValue("#variables"), /VGFyZ2V0O/);
  await page.focus("#query");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("lightReasons"));

  // Completion: by typing, by arrows, by Enter.
  await page.fill("#query", "{ plan(year: 2022) {  } }");
  await page.evaluate(() => document.getElementById("query").setSelectionRange(21, 21));
  await page.keyboard.type("docu");
  await page.waitForSelector("#suggestions li");
  assert.equal(await page.getAttribute("#query", "aria-expanded"), "true");
  await shot(page, "completion-zh");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#query"), "{ plan(year: 2022) { documentNumber } }");
  await page.fill("#variables", "{");
  await page.click("#run");
  assert.match(await page.textContent("#variables-error"), /JSON/);
  await page.fill("#variables", "{}");
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("台政发〔2022〕9号"));

  // Tabs by keyboard.
  await page.focus("#tab-TargetDetail");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("#tab-Outline", "aria-selected"), "true");
  await page.focus("#subject-targets");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("#subject-reports", "aria-selected"), "true");
  assert.equal(await page.getAttribute("#tab-ReportingPeriods", "aria-selected"), "true");
  await page.keyboard.press("End");
  assert.equal(await page.getAttribute("#subject-audit", "aria-selected"), "true");
  await page.keyboard.press("Home");
  assert.equal(await page.getAttribute("#tab-Outline", "aria-selected"), "true", "a subject comes back as it was left");
  assert.equal(await page.locator('#subjects [tabindex="0"]').count(), 1);

  // Documentation, with search.
  await page.click("#docs-toggle");
  await page.fill("#docs-search", "acting unit");
  await page.waitForSelector("#docs-body li");
  await page.fill("#docs-search", "actingUnit");
  await page.click("#docs-body button.link");
  assert.match(await page.textContent("#docs-body h3"), /AmendedUnit|Assignment/);
  await shot(page, "docs-zh");
  await page.click("#docs-toggle");

  // English, in the page and in the answers.
  await page.selectOption("#language", "en");
  assert.equal(await page.textContent("#run span"), "Run");
  await page.fill("#query", '{ node(id: "x") { id } }');
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("No such object was found."));
  assert.deepEqual(page.troubles, []);

  await theTour();
  await aFile();
  await liveEvents();
  await manyEvents();

  // A phone, in the dark.
  const phone = await open({ viewport: { width: 320, height: 640 }, colorScheme: "dark", locale: "en-GB" });
  const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `the page is ${overflow}px wider than the phone`);
  await shot(phone, "phone-en");
  assert.deepEqual(phone.troubles, []);
  console.log("the explorer works");
} finally {
  await browser.close();
}
