// The first visit: Create new password, each rule of it, and then never again.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { SCREENSHOTS, start } from "./appliance.js";
import { close, inspect, launch, open, see, seeHeading, tabTo } from "./browser.js";
import { TEXTS } from "./texts.js";

const PASSWORD = "Correct-horse-1";

let appliance;
let browser;

before(async () => {
  [appliance, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
});

/** Fills in the form as it is; the browser's own checks are switched off to reach the server's. */
async function submit(page, texts, password, confirmation) {
  await page.locator("form").evaluateAll((forms) => {
    for (const form of forms) form.noValidate = true;
  });
  await page.getByLabel(texts.newPassword).fill(password);
  await page.getByLabel(texts.confirmation).fill(confirmation);
  await page.getByRole("button", { name: texts.setPassword, exact: true }).click();
}

describe("first visit", () => {
  for (const [language, texts] of Object.entries(TEXTS)) {
    for (const script of [true, false]) {
      it(`explains each rule in ${language} ${script ? "with" : "without"} script`, async () => {
        const page = await open(browser, { script, locale: texts.locale });
        await page.goto(`${appliance.url}/?deployment=productionjp`);
        await seeHeading(page, texts.createTitle);
        await seeHeading(page, texts.createHeading);
        await see(page, texts.rules);
        await see(page, "productionjp");
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        if (script) await inspect(page, `create-password-${language}`);

        for (const [password, confirmation, message] of [
          ["Abcdef1", "Abcdef1", texts.tooShort],
          ["abcdefg1", "abcdefg1", texts.noUpperCase],
          ["ABCDEFG1", "ABCDEFG1", texts.noLowerCase],
          ["Abcdefgh", "Abcdefgh", texts.onlyLetters],
          ["Abcdefg1", "Abcdefg2", texts.mismatch],
          ["", "", texts.missing],
        ]) {
          await submit(page, texts, password, confirmation);
          await see(page, message);
          const field = page.getByLabel(texts.newPassword);
          assert.equal(await field.inputValue(), "", "a password is never sent back");
        }
        await submit(page, texts, "abc", "abcd");
        await see(page, texts.tooShort);
        await see(page, texts.noUpperCase);
        await see(page, texts.onlyLetters);
        if (script) await inspect(page, `create-password-errors-${language}`);
        await close(page, appliance.url);
      });
    }
  }

  it("switches the language with a link and remembers it", async () => {
    const page = await open(browser, { locale: "en-US" });
    await page.goto(`${appliance.url}/?deployment=productionjp`);
    await seeHeading(page, TEXTS.en.createTitle);
    await page.getByRole("link", { name: "日本語" }).click();
    await seeHeading(page, TEXTS.ja.createTitle);
    await see(page, "productionjp");
    await page.goto(appliance.url);
    await seeHeading(page, TEXTS.ja.createTitle);
    await close(page, appliance.url);
  });

  it("shows the fingerprints that the console shows", async () => {
    const page = await open(browser);
    await page.goto(appliance.url);
    const text = (await page.locator("main").innerText()).replace(/\s/g, "");
    assert.ok(text.includes(appliance.sha1), text);
    assert.ok(text.includes(appliance.sha256), text);
    await close(page, appliance.url);
  });

  it("sets the password by keyboard without script, and never asks for it again", async () => {
    const page = await open(browser, { script: false });
    await page.goto(appliance.url);
    await tabTo(page, page.getByLabel(TEXTS.en.newPassword));
    await page.keyboard.type(PASSWORD);
    await tabTo(page, page.getByLabel(TEXTS.en.confirmation));
    await page.keyboard.type(PASSWORD);
    await tabTo(page, page.getByRole("button", { name: TEXTS.en.setPassword, exact: true }));
    await page.keyboard.press("Enter");
    await page.getByLabel(TEXTS.en.password, { exact: true }).waitFor();
    await page.screenshot({ path: `${SCREENSHOTS}password-set-en.png`, fullPage: true });

    await page.goto(`${appliance.url}/?deployment=productionjp`);
    await page.getByLabel(TEXTS.en.password, { exact: true }).waitFor();
    assert.equal(await page.getByText(TEXTS.en.createTitle).count(), 0);
    await close(page, appliance.url);
  });
});
