// The explorer in a real browser, against a running demo. Needs Chromium and playwright-core, neither of them ours:
//   BASE_URL=http://127.0.0.1:8000 PLAYWRIGHT=/path/to/node_modules/playwright-core/index.mjs node api/explorer/test/browser.mjs

import assert from "node:assert/strict";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8000";
const shots = process.env.SCREENSHOTS;
const { chromium } = await import(process.env.PLAYWRIGHT ?? "playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page that fails the test when anything is asked elsewhere, or anything goes wrong. */
async function open(options) {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.troubles = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.troubles.push(message.text()));
  page.on("pageerror", (error) => page.troubles.push(String(error)));
  page.on("request", (request) => !request.url().startsWith(base) && !request.url().startsWith("data:") && page.troubles.push(request.url()));
  await page.goto(base);
  await page.waitForSelector("body[data-ready]");
  return page;
}
const shot = (page, name) => shots && page.screenshot({ path: `${shots}/${name}.png`, fullPage: false });
const settled = (page) => page.waitForFunction(() => !document.getElementById("run").disabled);

try {
  const page = await open({});
  assert.match(await page.textContent("#status"), /完成：200/);
  assert.match(await page.textContent("#answer"), /"totalCount": 194/);
  await shot(page, "office-zh");

  // One click: another account, another answer.
  await page.selectOption("#account-a", "fgw-manager");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes('"totalCount": 39'));
  assert.match(await page.textContent("#facts"), /SQL 语句 8/);

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

  // Documentation, with search.
  await page.click("#docs-toggle");
  await page.fill("#docs-search", "acting unit");
  await page.waitForSelector("#docs-body li");
  await page.fill("#docs-search", "actingUnit");
  await page.click("#docs-body button.link");
  assert.match(await page.textContent("#docs-body h3"), /Assignment/);
  await shot(page, "docs-zh");
  await page.click("#docs-toggle");

  // English, in the page and in the answers.
  await page.selectOption("#language", "en");
  assert.equal(await page.textContent("#run span"), "Run");
  await page.fill("#query", '{ node(id: "x") { id } }');
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("No such object was found."));
  assert.deepEqual(page.troubles, []);

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
