// Certificate of this page: refused, tried, kept, taken back, made anew.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { close, inspect, openSignedIn, see, seeHeading, startInUse, tabTo } from "./browser.js";

const PASSWORD = "Correct-horse-1";
/** Passphrase of every encrypted fixture. */
const PASSPHRASE = "correct-horse";
const SUBJECT = "CN=connector.example.com,O=Example";

const LANGUAGES = {
  en: {
    locale: "en-US",
    password: "Password",
    administration: "Connector administration",
    open: "Replace certificate",
    title: "Certificate of this page",
    certificate: "Certificate",
    key: "Private key",
    passphrase: "Passphrase of the private key",
    replace: "Replace certificate",
    mismatch: "The private key does not belong to the certificate",
    wrongPassphrase: "The passphrase does not open the private key.",
    onTrial: "The new certificate is in use, on trial",
    openAgain: "Open this page again",
    keepTitle: "Keep this certificate?",
    countdown: /Reverting in \d+ s/,
    notNamed: "and not for 127.0.0.1",
    keep: "Keep this certificate",
    revert: "Revert now",
    reverted: "as you asked",
    selfSigned: "Make a new self-signed certificate",
    thisAppliance: "This appliance (self-signed)",
    other: "(self-signed)",
  },
  ja: {
    locale: "ja-JP",
    password: "パスワード",
    administration: "コネクタの管理",
    open: "証明書を置き換える",
    title: "このページの証明書",
    certificate: "証明書",
    key: "秘密鍵",
    passphrase: "秘密鍵のパスフレーズ",
    replace: "証明書を置き換える",
    mismatch: "に対応していません",
    wrongPassphrase: "このパスフレーズでは秘密鍵を開けません。",
    onTrial: "新しい証明書を試用中です",
    openAgain: "このページを開き直す",
    keepTitle: "この証明書を使い続けますか?",
    countdown: /元に戻るまで \d+ 秒/,
    notNamed: "127.0.0.1 に対しては有効でないため",
    keep: "この証明書を使い続ける",
    revert: "今すぐ元に戻す",
    reverted: "操作により",
    selfSigned: "自己署名証明書を作り直す",
    thisAppliance: "このアプライアンス (自己署名)",
    other: "(自己署名)",
  },
};

let appliance;
let browser;

before(async () => {
  ({ appliance, browser } = await startInUse(PASSWORD));
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
});

function fixturePath(name) {
  const folder = "../../appliance/certificate/tests/fixtures/";
  return fileURLToPath(new URL(`${folder}${name}`, import.meta.url));
}

function fixture(name) {
  return readFileSync(fixturePath(name), "utf8");
}

/** Signs in and goes to the page by its link. */
async function openPage(texts, options = {}) {
  const page = await openSignedIn({ appliance, browser }, texts, PASSWORD, options);
  await page.locator("#certificate").getByRole("link", { name: texts.open, exact: true }).click();
  await seeHeading(page, texts.title);
  return page;
}

async function send(page, texts, certificate, key, passphrase = "") {
  await page.getByLabel(texts.certificate, { exact: true }).fill(fixture(certificate));
  await page.getByLabel(texts.key, { exact: true }).fill(fixture(key));
  await page.getByLabel(texts.passphrase).fill(passphrase);
  await page.getByRole("button", { name: texts.replace, exact: true }).click();
}

async function comeBack(page, texts) {
  await see(page, texts.onTrial);
  await page.getByRole("link", { name: texts.openAgain, exact: true }).click();
  await see(page, texts.keepTitle);
}

describe("certificate of this page", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    it(`says what is wrong, tries, warns and keeps in ${language}`, async () => {
      const page = await openPage(texts);
      await inspect(page, `certificate-${language}`);
      await send(page, texts, "ec-certificate.pem", "rsa-pkcs8.pem");
      await see(page, texts.mismatch);
      const focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
      assert.equal(focused, "alert");
      await inspect(page, `certificate-mismatch-${language}`);
      await send(page, texts, "rsa-certificate.pem", "rsa-pkcs8-default.pem", "wrong");
      await see(page, texts.wrongPassphrase);

      await send(page, texts, "rsa-certificate.pem", "rsa-pkcs8-default.pem", PASSPHRASE);
      await see(page, texts.onTrial);
      await see(page, texts.countdown);
      await inspect(page, `certificate-on-trial-${language}`);
      await comeBack(page, texts);
      await see(page, texts.notNamed);
      await inspect(page, `certificate-keep-${language}`);
      await page.getByRole("button", { name: texts.keep, exact: true }).click();
      await see(page, `${SUBJECT} ${texts.other}`);
      await page.getByLabel(texts.certificate, { exact: true }).waitFor();
      await inspect(page, `certificate-kept-${language}`);

      await page.getByRole("button", { name: texts.selfSigned, exact: true }).click();
      await comeBack(page, texts);
      await see(page, texts.thisAppliance);
      await page.getByRole("button", { name: texts.revert, exact: true }).click();
      await see(page, texts.reverted);
      await see(page, `${SUBJECT} ${texts.other}`);
      await inspect(page, `certificate-reverted-${language}`);
      await close(page, appliance.url);
    });
  }

  it("works without script", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts, { script: false });
    assert.equal(await page.locator("[data-file]:visible").count(), 0);
    await send(page, texts, "ec-certificate-bag.pem", "ec-bag.pem");
    await comeBack(page, texts);
    await page.getByRole("button", { name: texts.keep, exact: true }).click();
    await page.getByLabel(texts.certificate, { exact: true }).waitFor();
    await see(page, `${SUBJECT} ${texts.other}`);
    await close(page, appliance.url);
  });

  it("takes texts from files, leads the front page to the question, and does it by keyboard", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts);
    for (const [id, name] of [
      ["certificate", "rsa-certificate.pem"],
      ["key", "rsa-pkcs1.pem"],
    ]) {
      await page.locator(`#${id}-file`).setInputFiles(fixturePath(name));
      await page.waitForFunction((id) => document.getElementById(id).value !== "", id);
      assert.equal(await page.locator(`#${id}`).inputValue(), fixture(name));
    }
    await tabTo(page, page.getByRole("button", { name: texts.replace, exact: true }));
    await page.keyboard.press("Enter");
    await see(page, texts.onTrial);
    await page.goto(appliance.url);
    await see(page, texts.keepTitle);
    assert.equal(new URL(page.url()).pathname, "/certificate");
    await tabTo(page, page.getByRole("button", { name: texts.keep, exact: true }));
    await page.keyboard.press("Enter");
    await page.getByLabel(texts.certificate, { exact: true }).waitFor();
    await page.goto(appliance.url);
    await seeHeading(page, texts.administration);
    await close(page, appliance.url);
  });
});
