// Chromium, and what every page has to satisfy in it.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

import { createPassword, SCREENSHOTS, start } from "./appliance.js";

const CHROMIUM = "/usr/bin/chromium";
const IN_NAMESPACE = fileURLToPath(new URL("chromium-in-namespace.sh", import.meta.url));
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
/** Rules of WCAG 2.2 up to level AA. */
export const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DESKTOP = { width: 1280, height: 900 };
/** Narrowest width that has to work without sideways scrolling (WCAG 1.4.10), in CSS pixels. */
const NARROW = { width: 320, height: 640 };
/** Longest time that a step may take under software emulation, in milliseconds. */
export const STEP_LIMIT = 60_000;
/** More presses of Tab than any page has stops. */
const MAX_TAB_STOPS = 60;

/**
 * Starts Chromium, in a network namespace if one is given.
 *
 * @param {string} [namespace]
 */
export function launch(namespace) {
  const where = namespace
    ? { executablePath: IN_NAMESPACE, env: { ...process.env, NAMESPACE: namespace } }
    : { executablePath: CHROMIUM };
  return chromium.launch({ ...where, headless: true, args: FLAGS });
}

/**
 * Starts an appliance that is in use, and Chromium.
 *
 * @param {string} password
 */
export async function startInUse(password) {
  const [appliance, browser] = await Promise.all([start(), launch()]);
  try {
    const page = await open(browser);
    await createPassword(page.request, appliance.url, password);
    await page.context().close();
  } catch (error) {
    // Nobody else knows of them yet.
    await browser.close();
    await appliance.stop();
    throw error;
  }
  return { appliance, browser };
}

/**
 * Opens a window of its own, with its own cookies.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{script?: boolean, locale?: string}} options
 */
export async function open(browser, { script = true, locale = "en-US" } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    javaScriptEnabled: script,
    locale,
    viewport: DESKTOP,
  });
  context.setDefaultTimeout(STEP_LIMIT);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium also reports answers such as 401 here; those are the tests' business.
    const text = message.text();
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) {
      page.complaints.push(text);
    }
  });
  page.on("request", (request) => {
    page.hosts ??= new Set();
    page.hosts.add(new URL(request.url()).host);
  });
  return page;
}

/**
 * Closes a window and fails if the page broke its own content security policy, had a script error
 * or asked any other host.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url
 */
export async function close(page, url) {
  const { complaints, hosts } = page;
  await page.context().close();
  assert.deepEqual(complaints, [], "the browser complains about nothing");
  const others = [...(hosts ?? [])].filter((host) => host !== "" && host !== new URL(url).host);
  assert.deepEqual(others, [], "the page asks no other host");
}

/**
 * Checks the page as it is now in light and dark: accessibility rules, no sideways scrolling when
 * narrow. Leaves screenshots for people to look at. Needs script, which the rules are checked with.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function inspect(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // Else the bar that stays on top stands in the middle of the picture.
    await page.evaluate(() => window.scrollTo(0, 0));
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
    assert.deepEqual(found, [], `${name} in ${colorScheme}`);
    await page.screenshot({ path: `${SCREENSHOTS}${name}-${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(NARROW);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= NARROW.width, `${name} is ${width} px wide on a screen of ${NARROW.width} px`);
  await page.screenshot({ path: `${SCREENSHOTS}${name}-narrow.png`, fullPage: true });
  await page.setViewportSize(DESKTOP);
}

/**
 * Presses Tab until an element has the focus, and checks that the focus can be seen.
 *
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Locator} target
 */
export async function tabTo(page, target) {
  for (let stop = 0; stop < MAX_TAB_STOPS; stop += 1) {
    if (await hasFocus(target)) {
      const isVisible = await target.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        const hasOutline = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
        return element.matches(":focus-visible") && (hasOutline || boxShadow !== "none");
      });
      assert.ok(isVisible, `the focus on ${target} can be seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`${target} is not reached with Tab`);
}

function hasFocus(target) {
  return target.evaluate((element) => element === document.activeElement);
}

/**
 * Waits for a text on the page.
 *
 * @param {import("playwright-core").Page} page
 * @param {string | RegExp} text
 */
export function see(page, text) {
  return page.getByText(text).first().waitFor();
}

/**
 * Waits for the page with this main heading.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} heading
 */
export function seeHeading(page, heading) {
  return page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
}

/**
 * Types the password on the page Sign in.
 *
 * @param {import("playwright-core").Page} page
 * @param {{password: string}} texts
 * @param {string} password
 */
export async function signIn(page, texts, password) {
  await field(page, texts.password).fill(password);
  await page.locator("main form button").first().click();
}

/**
 * Opens a window that is signed in.
 *
 * @param {{appliance: {url: string}, browser: import("playwright-core").Browser}} site
 * @param {{locale?: string, password: string, administration: string}} texts
 * @param {string} password
 * @param {{script?: boolean}} options
 */
export async function openSignedIn({ appliance, browser }, texts, password, options = {}) {
  const page = await open(browser, { locale: texts.locale, ...options });
  await page.goto(appliance.url);
  await signIn(page, texts, password);
  await seeHeading(page, texts.administration);
  return page;
}

/**
 * The field with this label.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export function field(page, name) {
  return page.getByLabel(name, { exact: true });
}

/**
 * Presses the first button of this name.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export function press(page, name) {
  return page.getByRole("button", { name, exact: true }).first().click();
}

/**
 * Follows the first link of this name.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export function follow(page, name) {
  return page.getByRole("link", { name, exact: true }).first().click();
}
