// Sessions, the history of tries, logs, and the token for metrics.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { close, inspect, openSignedIn, see, seeHeading, startInUse, tabTo } from "./browser.js";
import { TEXTS } from "./texts.js";

const PASSWORD = "Correct-horse-1";
const WRONG = "Wrong-horse-1";
/** Longest wait for a record to reach the page, in milliseconds. */
const RECORD_LIMIT = 30_000;

const WORDS = {
  en: {
    sessions: "Sessions",
    own: "This session",
    token: "API token",
    endOthers: "End all other sessions",
    othersEnded: "All other sessions have ended.",
    alone: "Nobody else is signed in.",
    refused: "Wrong password",
    logs: "Logs",
    given: "The administrator has given the password",
    search: "With the text",
    show: "Show",
    none: "There are no such records.",
    server: "Server",
    save: "Save",
    noServer: "Enter the server that the records are sent to.",
    stop: "Stop sending",
    makeToken: "Make a token",
    once: "Copy it now",
    removeToken: "Remove the token",
    noToken: "There is no token",
  },
  ja: {
    sessions: "セッション",
    own: "このセッション",
    token: "API トークン",
    endOthers: "他のすべてのセッションを終了する",
    othersEnded: "他のすべてのセッションを終了しました。",
    alone: "他にサインインしているユーザーはいません。",
    refused: "パスワードの誤り",
    logs: "ログ",
    given: "The administrator has given the password",
    search: "含まれる文字列",
    show: "表示",
    none: "該当する記録はありません。",
    server: "サーバー",
    save: "保存",
    noServer: "記録の送信先サーバーを入力してください。",
    stop: "送信を停止する",
    makeToken: "トークンを作成する",
    once: "今すぐコピーしてください。",
    removeToken: "トークンを削除する",
    noToken: "トークンがないため",
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

/** A window that is signed in. */
function signedIn(texts, options) {
  return openSignedIn({ appliance, browser }, texts, PASSWORD, options);
}

async function openFromMenu(page, texts, name) {
  await page.getByLabel(texts.account).first().click();
  await page.getByRole("link", { name, exact: true }).click();
  await seeHeading(page, name);
}

/** Logs in as a script does. */
function logIn(page, password) {
  const data = { username: "admin", password };
  return page.request.post(`${appliance.url}/$login`, { data });
}

describe("sessions", () => {
  for (const [language, texts] of Object.entries(TEXTS)) {
    const words = WORDS[language];

    it(`lists who is signed in and ends the others in ${language}`, async () => {
      const page = await signedIn(texts);
      const other = await signedIn(texts);
      const { token } = await (await logIn(page, PASSWORD)).json();
      assert.equal((await logIn(page, WRONG)).status(), 401);
      await openFromMenu(page, texts, words.sessions);
      await see(page, words.token);
      await see(page, words.refused);
      assert.equal(await page.getByText(words.own, { exact: true }).count(), 1);
      await inspect(page, `sessions-${language}`);

      await page.getByRole("button", { name: words.endOthers, exact: true }).click();
      await see(page, words.othersEnded);
      await see(page, words.alone);
      await inspect(page, `sessions-alone-${language}`);
      // The other window notices by itself. Going elsewhere before it has would race with that.
      await other.getByLabel(texts.password, { exact: true }).waitFor();
      await other.goto(`${appliance.url}/sessions`);
      await other.getByLabel(texts.password, { exact: true }).waitFor();
      const headers = { Authorization: `Bearer ${token}` };
      const refused = await page.request.get(`${appliance.url}/status`, { headers });
      assert.equal(refused.status(), 401, "the token has ended as well");
      await close(other, appliance.url);
      await close(page, appliance.url);
    });

    it(`shows, filters and downloads the logs in ${language}`, async () => {
      const page = await signedIn(texts);
      await openFromMenu(page, texts, words.logs);
      // A record goes through the kernel's log to the journal, which takes a moment.
      const end = Date.now() + RECORD_LIMIT;
      while ((await page.getByText(words.given).count()) === 0 && Date.now() < end) {
        await page.reload();
      }
      await see(page, words.given);
      await inspect(page, `logs-${language}`);

      await page.getByLabel(words.search).fill("there is nothing like it");
      await page.getByRole("button", { name: words.show, exact: true }).click();
      await see(page, words.none);
      await inspect(page, `logs-none-${language}`);

      const file = await page.request.get(`${appliance.url}/logs/download?source=web`);
      assert.equal(file.status(), 200);
      const text = await file.text();
      assert.match(text, /informational web: The administrator has given the password/);
      assert.ok(!text.includes(PASSWORD) && !text.includes(WRONG), "no password is logged");
      await close(page, appliance.url);
    });

    it(`sets a syslog server and stops sending in ${language}`, async () => {
      const page = await signedIn(texts);
      await openFromMenu(page, texts, words.logs);
      await page.getByRole("button", { name: words.save, exact: true }).click();
      await see(page, words.noServer);
      await inspect(page, `syslog-missing-${language}`);
      await page.getByLabel(words.server, { exact: true }).fill("10.0.2.99");
      await page.getByRole("button", { name: words.save, exact: true }).click();
      await page.getByRole("button", { name: words.stop, exact: true }).waitFor();
      await inspect(page, `syslog-${language}`);
      await page.getByRole("button", { name: words.stop, exact: true }).click();
      const stop = page.getByRole("button", { name: words.stop, exact: true });
      await stop.waitFor({ state: "detached" });
      await close(page, appliance.url);
    });

    it(`makes a token for metrics by keyboard and removes it in ${language}`, async () => {
      const page = await signedIn(texts);
      await page.goto(`${appliance.url}/logs`);
      const make = page.getByRole("button", { name: words.makeToken, exact: true });
      await tabTo(page, make);
      await page.keyboard.press("Enter");
      await see(page, words.once);
      const token = await page.locator("#metrics-token").innerText();
      await inspect(page, `metrics-token-${language}`);

      const headers = { Authorization: `Bearer ${token.trim()}` };
      const answer = await page.request.get(`${appliance.url}/metrics`, { headers });
      assert.equal(answer.status(), 200);
      assert.match(answer.headers()["content-type"], /^text\/plain; version=0\.0\.4/);
      const metrics = await answer.text();
      for (const role of ["settings", "network", "time", "web", "console"]) {
        assert.ok(metrics.includes(`connector_role_ready{role="${role}"} 1\n`), role);
      }
      await page.getByRole("button", { name: words.removeToken, exact: true }).click();
      await see(page, words.noToken);
      const refused = await page.request.get(`${appliance.url}/metrics`, { headers });
      assert.equal(refused.status(), 401);
      await close(page, appliance.url);
    });
  }

  it("works without script", async () => {
    const page = await signedIn(TEXTS.en, { script: false });
    const other = await signedIn(TEXTS.en, { script: false });
    await page.goto(`${appliance.url}/sessions`);
    await page.getByRole("button", { name: /^End the session from/ }).first().click();
    await see(page, "The session has ended.");
    await page.goto(`${appliance.url}/logs?severity=warning`);
    await seeHeading(page, "Logs");
    await page.getByLabel("Server", { exact: true }).fill("10.0.2.99");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Stop sending", exact: true }).click();
    await page.getByRole("button", { name: "Make a token", exact: true }).click();
    await see(page, "Copy it now");
    await page.getByRole("button", { name: "Remove the token", exact: true }).click();
    await see(page, "There is no token");
    await close(other, appliance.url);
    await close(page, appliance.url);
  });

  it("ends a session, filters the logs and sets a syslog server by keyboard", async () => {
    const page = await signedIn(TEXTS.en);
    const other = await signedIn(TEXTS.en);
    await page.goto(`${appliance.url}/sessions`);
    await tabTo(page, page.getByRole("button", { name: /^End the session from/ }).first());
    await page.keyboard.press("Enter");
    await see(page, "The session has ended.");
    await page.goto(`${appliance.url}/logs`);
    await tabTo(page, page.getByLabel("With the text"));
    await page.keyboard.type("there is nothing like it");
    await page.keyboard.press("Enter");
    await see(page, WORDS.en.none);
    await tabTo(page, page.getByLabel("Server", { exact: true }));
    await page.keyboard.type("10.0.2.99");
    await page.keyboard.press("Enter");
    const stop = page.getByRole("button", { name: "Stop sending", exact: true });
    await stop.waitFor();
    await tabTo(page, stop);
    await page.keyboard.press("Enter");
    await stop.waitFor({ state: "detached" });
    await close(other, appliance.url);
    await close(page, appliance.url);
  });
});
