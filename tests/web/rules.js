// What every page has to satisfy in a browser, of the appliance and of the console of the cloud.

import { AxeBuilder } from "@axe-core/playwright";

import { RULES } from "./browser.js";

/** Widths in CSS pixels: 1280 px at 100, 200 and 400 % (WCAG 1.4.4 and 1.4.10). */
export const WIDTHS = [1280, 640, 320];
export const HEIGHT = 900;

/** Attributes whose values differ from page to page and are of no concern to the rules. */
const NAMES =
  "action|aria-[a-z]+by|aria-label|content|c?[xy]|[xy][12]|d|data-[a-z-]+|download|for|form|href|" +
  "hreflang|id|max|maxlength|name|points|value|viewBox|width|height";
const WORDS = new RegExp(` (${NAMES})="[^"]+"`, "g");

/**
 * Tells pages with something new from those made of what other pages had before. The rules of
 * accessibility take ten times as long as all the rest, and judge the same alike.
 */
export class KnownElements {
  #known = new Set();

  /**
   * Whether a page has an element, with its attributes, that none before had in this language.
   *
   * @param {string} html
   * @param {string} language
   */
  learn(html, language) {
    const elements = html
      .replaceAll(/>[^<>]*[^<>\s][^<>]*</g, ">words<")
      .replaceAll(WORDS, " $1")
      .match(/<[a-z][^>]*>(words)?/g)
      .map((element) => language + element);
    const isNews = elements.some((element) => !this.#known.has(element));
    for (const element of elements) this.#known.add(element);
    return isNews;
  }
}

/** Language of a page by the name of its file. */
export function languageOf(file) {
  return /\.(en|ja)\./.exec(file)[1];
}

/**
 * What of a page breaks the rules of accessibility, as lines.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[]} rules
 */
export async function violations(page, rules = RULES) {
  // Pages have no frames; looking for some would take a window for each look.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const found = await axe.options({ runOnly: rules, resultTypes: ["violations"] }).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/**
 * What of a page scrolls sideways or is cut off on screens of each width, as lines. The page is as
 * wide as it was before afterwards.
 *
 * @param {import("playwright-core").Page} page
 */
export async function tooWide(page) {
  const wrong = [];
  for (const width of [...WIDTHS].reverse()) {
    await page.setViewportSize({ width, height: HEIGHT });
    wrong.push(...(await page.evaluate(findTooWide, width)));
  }
  return wrong;
}

/** Runs in the page. */
function findTooWide(width) {
  const wrong = [];
  const whole = document.documentElement.scrollWidth;
  if (whole > width) {
    const widest = [...document.querySelectorAll("main *, header *")]
      .filter((it) => it.getBoundingClientRect().right > width + 1 && !it.closest(".scroller, .hidden"))
      .at(-1);
    wrong.push(`${whole} px wide on ${width} px: ${widest?.outerHTML.slice(0, 200)}`);
  }
  for (const control of document.querySelectorAll(".btn, label, th, td, dd, dt")) {
    if (control.closest(".scroller, .hidden, [hidden]") || control.closest("thead")) continue;
    if (control.scrollWidth > control.clientWidth + 1 && getComputedStyle(control).display !== "inline") {
      wrong.push(`cut off on ${width} px: ${control.outerHTML.slice(0, 200)}`);
    }
  }
  return wrong;
}
