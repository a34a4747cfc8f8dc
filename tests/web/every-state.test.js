// Every page in every state, as webui's preview writes them: accessibility and narrow screens in both
// languages, in light and dark, with and without script. No appliance runs here.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { SCREENSHOTS } from "./appliance.js";
import { launch, STEP_LIMIT } from "./browser.js";
import { html, pages, startPreview } from "./preview.js";
import { HEIGHT, KnownElements, languageOf, tooWide, violations, WIDTHS } from "./rules.js";

/** How many pages are looked at at the same time. */
const WINDOWS = 2;
/** Screenshots of every kind of page take as long as all the rest. */
const HAS_SCREENSHOTS = process.env.STATES_SCREENSHOTS !== undefined;
/** Fewer pages than this mean that the preview is not whole. */
const LEAST_PAGES = 800;

let preview;
let browser;

before(async () => {
  [preview, browser] = await Promise.all([startPreview(), launch()]);
});

after(async () => {
  await browser?.close();
  preview?.stop();
});

/** What is wrong with a page, as lines. */
async function look(page, file, script, hasNewElements) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(preview.page(file, script));
  const wrong = await tooWide(page);
  if (hasNewElements) {
    wrong.push(...(await violations(page)));
    // Only the colours are others in the dark.
    await page.emulateMedia({ colorScheme: "dark" });
    wrong.push(...(await violations(page, ["color-contrast"])));
    if (script && HAS_SCREENSHOTS) await shoot(page, file.replace(/\.html$/, ""));
  }
  return wrong;
}

/** Leaves screenshots for people to look at. */
async function shoot(page, name) {
  const path = join(SCREENSHOTS, "states", name);
  for (const [width, scheme] of [
    [WIDTHS[0], "light"],
    [WIDTHS.at(-1), "dark"],
  ]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: HEIGHT });
    await page.screenshot({ path: `${path}-${scheme}-${width}.png`, fullPage: true });
  }
}

/** Whether a page is more than itself less some buttons where script is off. */
function isOtherWithoutScript(file) {
  return /<noscript>|data-(countdown|return|wait|without-script)/.test(html(file));
}

describe("every page in every state", () => {
  for (const script of [true, false]) {
    it(`is accessible in light and dark and fits narrow screens ${script ? "with" : "without"} script`, async () => {
      const files = pages();
      assert.ok(files.length >= LEAST_PAGES, `${files.length} pages`);
      mkdirSync(join(SCREENSHOTS, "states"), { recursive: true });
      const wrong = [];
      const known = new KnownElements();
      const queue = files.filter((file) => script || isOtherWithoutScript(file)).values();
      const windows = Array.from({ length: WINDOWS }, async () => {
        const context = await browser.newContext();
        context.setDefaultTimeout(STEP_LIMIT);
        const page = await context.newPage();
        for (const file of queue) {
          const hasNewElements = known.learn(html(file), languageOf(file));
          const found = await look(page, file, script, hasNewElements);
          wrong.push(...found.map((line) => `${file}: ${line}`));
        }
        await context.close();
      });
      await Promise.all(windows);
      assert.deepEqual(wrong, []);
    });
  }
});
