// Pictures of the console's pages.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { SCREENSHOTS } from "../web/appliance.js";
import { HEIGHT, WIDTHS } from "../web/rules.js";

const FOLDER = join(SCREENSHOTS, "console");

/**
 * Leaves pictures for people to look at: wide in light and dark, narrow.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function shoot(page, name) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [kind, width, colorScheme] of [
    ["narrow", WIDTHS.at(-1), "light"],
    ["dark", WIDTHS[0], "dark"],
    ["light", WIDTHS[0], "light"],
  ]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: HEIGHT });
    await page.screenshot({ path: join(FOLDER, `${name}-${kind}.png`), fullPage: true });
  }
}
