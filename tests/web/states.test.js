// Every page in every state, as webui's preview writes them: accessibility and narrow screens in both
// languages, in light and dark, with and without script. No appliance runs here.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { SCREENSHOTS } from "./appliance.js";
import { launch, STEP_LIMIT } from "./browser.js";
import { html, pages, startPreview } from "./preview.js";
import { HEIGHT, tooWide, violations, WIDTHS } from "./rules.js";

/** How many pages are looked at at the same time. */
const WINDOWS = 2;
/** Screenshots of every kind of page take as long as all the rest. */
const HAS_SCREENSHOTS = process.env.STATES_SCREENSHOTS !== undefined;
/** Fewer pages than this mean that the preview is not whole. */
const LEAST_PAGES = 800;

/** Attributes whose values differ from page to page and are of no concern to the rules. */
const WORDS =
  / (action|aria-label|content|d|data-[a-z-]+|for|form|href|hreflang|id|lang|max|name|points|value|width|x|y)="[^"]+"/g;

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
async function look(page, file, script, isFirstOfItsKind) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(preview.page(file, script));
  const wrong = await tooWide(page);
  if (isFirstOfItsKind) {
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

/** Language and kinds of elements of a page, without their words: the rules judge the same alike. */
function kindOf(file) {
  const elements = html(file)
    .replaceAll(/>[^<>]*[^<>\s][^<>]*</g, ">words<")
    .replaceAll(WORDS, " $1")
    .match(/<[a-z][^>]*>(words)?/g);
  return [/\.(en|ja)\./.exec(file)[1], ...new Set(elements)].sort().join("");
}

describe("every page in every state", () => {
  for (const script of [true, false]) {
    it(`is accessible in light and dark and fits narrow screens ${script ? "with" : "without"} script`, async () => {
      const files = pages();
      assert.ok(files.length >= LEAST_PAGES, `${files.length} pages`);
      mkdirSync(join(SCREENSHOTS, "states"), { recursive: true });
      const wrong = [];
      const kinds = new Set();
      const queue = files.filter((file) => script || isOtherWithoutScript(file)).values();
      const windows = Array.from({ length: WINDOWS }, async () => {
        const context = await browser.newContext();
        context.setDefaultTimeout(STEP_LIMIT);
        const page = await context.newPage();
        for (const file of queue) {
          const kind = kindOf(file);
          const isFirstOfItsKind = !kinds.has(kind);
          kinds.add(kind);
          const found = await look(page, file, script, isFirstOfItsKind);
          wrong.push(...found.map((line) => `${file}: ${line}`));
        }
        await context.close();
      });
      await Promise.all(windows);
      assert.deepEqual(wrong, []);
    });
  }
});
