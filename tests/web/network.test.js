// Network settings and Factory reset: mistakes, rows, a trial that is kept, everything forgotten.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  close,
  field,
  inspect,
  openSignedIn,
  press,
  see,
  seeHeading,
  signIn,
  startInUse,
  tabTo,
} from "./browser.js";

const PASSWORD = "Correct-horse-1";
const HOST_NAME = "connector-hq-02";
/** Longest restart under software emulation, in milliseconds. */
const RESTART_LIMIT = 180_000;

const LANGUAGES = {
  en: {
    locale: "en-US",
    password: "Password",
    administration: "Connector administration",
    edit: "Edit network settings",
    title: "Network settings",
    automatic: "Obtain IP address automatically",
    own: "Configure your own network settings",
    address: "IP address",
    mask: "Subnet mask",
    gateway: "Default gateway",
    dns: "DNS server",
    ntp: "NTP server",
    addDns: "Add DNS server",
    remove: "Remove DNS server 1",
    force: "Save although a server does not answer",
    hostName: "Host name",
    confirm: "Your password, to confirm",
    save: "Save",
    correct: "Correct 3 fields. Nothing has been changed yet.",
    suggestion: "Did you mean 10.0.2.2?",
    restarting: "Restarting with new network settings",
    keepTitle: "Keep these network settings?",
    countdown: /Reverting in \d+ s/,
    inUse: "You are using it",
    keep: "Keep these settings",
    reset: "Factory reset",
    typeName: (name) => `Type ${name} to confirm`,
    wrongName: (name) => `This is not ${name}`,
    drop: "Forget the network settings too",
    yourPassword: "Your password",
    resetButton: "Reset and restart",
    resetting: "Resetting",
    create: "Create new password",
  },
  ja: {
    locale: "ja-JP",
    password: "パスワード",
    administration: "コネクタの管理",
    edit: "ネットワーク設定の編集",
    title: "ネットワーク設定",
    own: "独自のネットワーク設定を構成する",
    address: "IP アドレス",
    mask: "サブネット マスク",
    gateway: "デフォルト ゲートウェイ",
    dns: "DNS サーバー",
    ntp: "NTP サーバー",
    addDns: "DNS サーバーを追加",
    remove: "DNS サーバー 1 を削除",
    confirm: "確認のためのパスワード",
    save: "保存",
    correct: "3 個の項目を修正してください。",
    suggestion: "10.0.2.2 ではありませんか?",
    reset: "出荷時設定へのリセット",
    typeName: (name) => `確認のため ${name} と入力してください`,
    wrongName: (name) => `アプライアンスのホスト名 ${name} と一致しません。`,
    yourPassword: "パスワード",
    resetButton: "リセットして再起動する",
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

/** Signs in and goes to Network settings by its link. */
async function openPage(texts, options = {}) {
  const page = await openSignedIn({ appliance, browser }, texts, PASSWORD, options);
  await page.getByRole("link", { name: texts.edit, exact: true }).click();
  await seeHeading(page, texts.title);
  return page;
}

describe("network settings", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    for (const script of [true, false]) {
      it(`names mistakes at their fields in ${language} ${script ? "with" : "without"} script`, async () => {
        const page = await openPage(texts, { script });
        if (script) await inspect(page, `network-settings-automatic-${language}`);
        await page.getByText(texts.own, { exact: true }).click();
        assert.equal(await field(page, texts.address).inputValue(), "10.0.2.15");
        await press(page, texts.addDns);
        await field(page, `${texts.dns} 2`).fill("10.0.2.3");
        await press(page, texts.remove);
        assert.equal(await field(page, `${texts.dns} 1`).inputValue(), "10.0.2.3");
        if (script) await inspect(page, `network-settings-${language}`);

        await field(page, texts.mask).fill("255.255.255.0");
        await field(page, texts.gateway).fill("10.0.3.2");
        await field(page, `${texts.dns} 1`).fill("10.0.2.300");
        await field(page, `${texts.ntp} 1`).fill("169.254.64.1");
        await field(page, texts.confirm).fill(PASSWORD);
        // Enter in a field saves; it must not press the first button that is seen.
        await field(page, texts.confirm).press("Enter");
        await see(page, texts.correct);
        await see(page, texts.suggestion);
        assert.equal(await field(page, texts.gateway).inputValue(), "10.0.3.2");
        assert.equal(await field(page, texts.confirm).inputValue(), "");
        if (script) {
          const focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
          assert.equal(focused, "alert");
          await inspect(page, `network-settings-errors-${language}`);
        }
        await close(page, appliance.url);
      });
    }

    it(`asks for the host name before a reset in ${language}`, async () => {
      const page = await openPage(texts);
      await page.goto(`${appliance.url}/reset`);
      await seeHeading(page, texts.reset);
      const name = await page.locator(".brand__name").innerText();
      await inspect(page, `reset-${language}`);
      await field(page, texts.typeName(name)).fill("something-else");
      await field(page, texts.yourPassword).fill(PASSWORD);
      await press(page, texts.resetButton);
      await see(page, texts.wrongName(name));
      await inspect(page, `reset-errors-${language}`);
      await close(page, appliance.url);
    });
  }

  it("tries, keeps and forgets, by keyboard", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts);
    await tabTo(page, field(page, texts.hostName));
    await page.keyboard.type(HOST_NAME);
    await tabTo(page, field(page, texts.confirm));
    await page.keyboard.type(PASSWORD);
    await tabTo(page, page.getByRole("button", { name: texts.save, exact: true }));
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.restarting);
    await inspect(page, "network-settings-saved-en");

    await comeBack(page, texts.password);
    await signIn(page, texts, PASSWORD);
    await seeHeading(page, texts.keepTitle);
    await see(page, texts.countdown);
    await see(page, HOST_NAME);
    await inspect(page, "network-settings-keep-en");
    await tabTo(page, page.getByRole("button", { name: texts.keep, exact: true }));
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.administration);
    assert.equal(await page.locator(".brand__name").innerText(), HOST_NAME);

    await page.goto(`${appliance.url}/reset`);
    await page.getByText(texts.drop, { exact: true }).click();
    await field(page, texts.typeName(HOST_NAME)).fill(HOST_NAME);
    await field(page, texts.yourPassword).fill(PASSWORD);
    await press(page, texts.resetButton);
    await seeHeading(page, texts.resetting);
    // With script the page goes on by itself.
    await page.getByRole("heading", { name: texts.create, exact: true }).first()
      .waitFor({ timeout: RESTART_LIMIT });
    await close(page, appliance.url);
  });
});

/** Loads the page until the restarted appliance shows a field. */
async function comeBack(page, label) {
  const end = Date.now() + RESTART_LIMIT;
  let wasAway = false;
  for (;;) {
    assert.ok(Date.now() < end, "the appliance comes back");
    try {
      await page.goto(appliance.url, { timeout: 3000 });
      if (wasAway) break;
    } catch {
      wasAway = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await page.getByLabel(label, { exact: true }).waitFor();
}
