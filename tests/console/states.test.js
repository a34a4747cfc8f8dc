// Every page in every state, as the gallery of cloud/pages writes them: accessibility in light and
// dark, narrow screens and large text, the product's policy, in both languages.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { launch, STEP_LIMIT } from "../web/browser.js";
import { html, pages, startGallery } from "./gallery.js";
import { KnownElements, languageOf, tooWide, violations } from "../web/rules.js";
import { shoot } from "./pictures.js";

/** How many pages are looked at at the same time. */
const WINDOWS = 2;
/** Pictures of every state take as long as all the rest. */
const HAS_SCREENSHOTS = process.env.STATES_SCREENSHOTS !== undefined;
/** Fewer pages than this mean that the gallery is not whole. */
const LEAST_PAGES = 440;

let gallery;
let browser;

before(async () => {
  [gallery, browser] = await Promise.all([startGallery(), launch()]);
});

after(async () => {
  await browser?.close();
  gallery?.stop();
});

/** What is wrong with a page, as lines. */
async function look(page, file, hasNewElements) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(gallery.page(file));
  const wrong = await tooWide(page);
  if (hasNewElements) {
    wrong.push(...(await violations(page)));
    // Only the colours are others in the dark.
    await page.emulateMedia({ colorScheme: "dark" });
    wrong.push(...(await violations(page, ["color-contrast"])));
    if (HAS_SCREENSHOTS) await shoot(page, file.replace(/\.html$/, ""));
  }
  return wrong;
}

it("is accessible in light and dark and fits narrow screens", async () => {
  const files = pages();
  assert.ok(files.length >= LEAST_PAGES, `${files.length} pages`);
  const wrong = [];
  const known = new KnownElements();
  const queue = files.values();
  const windows = Array.from({ length: WINDOWS }, async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(STEP_LIMIT);
    const page = await context.newPage();
    let file = "";
    page.on("pageerror", (error) => wrong.push(`${file}: ${error}`));
    // Among them what the policy forbids.
    page.on("console", (message) => {
      if (message.type() === "error") wrong.push(`${file}: ${message.text()}`);
    });
    for (file of queue) {
      const hasNewElements = known.learn(html(file), languageOf(file));
      const found = await look(page, file, hasNewElements);
      wrong.push(...found.map((line) => `${file}: ${line}`));
    }
    await context.close();
  });
  await Promise.all(windows);
  assert.deepEqual(wrong, []);
});
