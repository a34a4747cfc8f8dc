// An appliance in use: sign in, look, change the password, sign out.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  close,
  inspect,
  open,
  openSignedIn,
  see,
  seeHeading,
  signIn,
  startInUse,
  tabTo,
} from "./browser.js";
import { TEXTS } from "./texts.js";

const COOKIE_PREFIX = "__Host-";

let appliance;
let browser;
/** The password in use; tests that change it say so. */
let password = "Correct-horse-1";

before(async () => {
  ({ appliance, browser } = await startInUse(password));
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
});

/** A window that is signed in. */
function signedIn(texts, options) {
  return openSignedIn({ appliance, browser }, texts, password, options);
}

async function openAccountMenu(page, texts) {
  await page.getByLabel(texts.account).first().click();
}

describe("administration", () => {
  for (const [language, texts] of Object.entries(TEXTS)) {
    it(`shows the summary and signs out in ${language}`, async () => {
      const page = await open(browser, { locale: texts.locale });
      await page.goto(appliance.url);
      await page.getByLabel(texts.password, { exact: true }).waitFor();
      const before = await page.locator("body").innerText();
      assert.doesNotMatch(before, /0\.1\.0\.0/, "no version before signing in");
      await inspect(page, `sign-in-${language}`);
      await signIn(page, texts, password);
      await seeHeading(page, texts.administration);
      await page.getByRole("heading", { name: texts.summary }).first().waitFor();
      await see(page, "10.0.2.15");
      await see(page, "DHCP");
      await inspect(page, `administration-${language}`);
      await openAccountMenu(page, texts);
      await inspect(page, `account-menu-${language}`);

      const cookies = await page.context().cookies();
      const session = cookies.find((cookie) => cookie.httpOnly);
      assert.ok(session?.name.startsWith(COOKIE_PREFIX), "the session cookie is host-only");
      assert.ok(session.secure && session.sameSite !== "None");

      await page.getByRole("button", { name: texts.signOut, exact: true }).click();
      await see(page, texts.signedOut);
      await inspect(page, `signed-out-${language}`);
      await page.context().addCookies([session]);
      await page.goto(appliance.url);
      await page.getByLabel(texts.password, { exact: true }).waitFor();
      await close(page, appliance.url);
    });

    it(`explains what is wrong with another password in ${language}`, async () => {
      const page = await signedIn(texts);
      await page.goto(`${appliance.url}/change-password`);
      await seeHeading(page, texts.changePassword);
      await inspect(page, `change-password-${language}`);
      for (const [current, replacement, confirmation, message] of [
        [password, password, password, texts.same],
        [password, "Abcdef1", "Abcdef1", texts.tooShort],
        [password, "Abcdefg1", "Abcdefg2", texts.mismatch],
        ["Wrong-horse-1", "Other-horse-2", "Other-horse-2", texts.wrongCurrent],
      ]) {
        await fillChange(page, texts, current, replacement, confirmation);
        await page.locator("main form button").first().click();
        await see(page, message);
      }
      await inspect(page, `change-password-errors-${language}`);
      await close(page, appliance.url);
    });
  }

  for (const script of [true, false]) {
    it(`changes the password ${script ? "with" : "without"} script and signs out everywhere`, async () => {
      const texts = TEXTS.en;
      const other = await signedIn(texts);
      const page = await signedIn(texts, { script });
      await page.goto(`${appliance.url}/change-password`);
      const replacement = `${password}x`;
      await fillChange(page, texts, password, replacement, replacement);
      await page.locator("main form button").first().click();
      await see(page, texts.changed);
      if (script) await inspect(page, "password-changed-en");

      // The other window notices by itself. Going elsewhere before it has would race with that.
      await other.getByLabel(texts.password, { exact: true }).waitFor();
      await signIn(page, texts, password);
      await see(page, texts.wrongPassword);
      password = replacement;
      await signIn(page, texts, password);
      await seeHeading(page, texts.administration);
      await close(other, appliance.url);
      await close(page, appliance.url);
    });
  }

  it("does everything by keyboard alone", async () => {
    const texts = TEXTS.en;
    const page = await open(browser);
    await page.goto(appliance.url);
    await tabTo(page, page.getByLabel(texts.password, { exact: true }));
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.administration);

    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to content" });
    await tabTo(page, skip);
    const menu = page.locator("summary").filter({ hasText: "admin" });
    await tabTo(page, menu);
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("link", { name: texts.changePassword }));
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.changePassword);
    const replacement = `${password}k`;
    for (const [label, typed] of [
      [texts.currentPassword, password],
      [texts.newPassword, replacement],
      [texts.confirmation, replacement],
    ]) {
      await tabTo(page, page.getByLabel(label));
      await page.keyboard.type(typed);
    }
    await page.keyboard.press("Enter");
    await see(page, texts.changed);
    password = replacement;

    await tabTo(page, page.getByLabel(texts.password, { exact: true }));
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.administration);
    await tabTo(page, page.locator("summary").filter({ hasText: "admin" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: texts.signOut, exact: true }));
    await page.keyboard.press("Enter");
    await see(page, texts.signedOut);
    await close(page, appliance.url);
  });

  for (const [language, texts] of Object.entries(TEXTS)) {
    it(`makes wrong passwords wait longer and longer in ${language}, and never locks`, async () => {
      const page = await open(browser, { locale: texts.locale });
      await page.goto(appliance.url);
      const waits = [];
      while (waits.length < 3) {
        await signIn(page, texts, "Wrong-horse-1");
        await see(page, texts.wrongPassword);
        const [, seconds] = (await page.locator("main").innerText()).match(texts.wait) ?? [];
        if (seconds === undefined) continue;
        waits.push(Number(seconds));
        if (waits.length === 1) await inspect(page, `wrong-password-${language}`);
        await waitUntilAllowed(page);
      }
      assert.ok(waits[0] < waits[1] && waits[1] < waits[2], `waits of ${waits} s rise`);
      await signIn(page, texts, password);
      await seeHeading(page, texts.administration);
      await close(page, appliance.url);
    });
  }
});

async function fillChange(page, texts, current, replacement, confirmation) {
  await page.locator("form").evaluateAll((forms) => {
    for (const form of forms) form.noValidate = true;
  });
  await page.getByLabel(texts.currentPassword).fill(current);
  await page.getByLabel(texts.newPassword).fill(replacement);
  await page.getByLabel(texts.confirmation).fill(confirmation);
}

/** With script the button counts down and becomes usable by itself. */
async function waitUntilAllowed(page) {
  await page.locator("main form button:not([disabled])").first().waitFor();
}
