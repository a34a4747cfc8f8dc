// Register connector: the appliance and the real control plane, both in the browser, through the
// proxies that networks have.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { Authenticator } from "../console/cloud.js";
import { createPasswordOnPage, startWithCloud } from "./appliance.js";
import { close, inspect, launch, open, openSignedIn, see } from "./browser.js";

const PASSWORD = "Correct-horse-1";
/** Longest wait for something that the appliance tries again until it can, in milliseconds. */
const RETRY_LIMIT = 90_000;

const LANGUAGES = {
  en: { locale: "en-US", password: "Password", administration: "Connector administration" },
  ja: { locale: "ja-JP", password: "パスワード", administration: "コネクタの管理" },
};

let appliance;
let browser;
/** The second factor of the administrator of the cloud, since the first sign-in. */
let authenticator;

before(async () => {
  appliance = await startWithCloud();
  browser = await launch(appliance.namespace);
  const page = await open(browser);
  await createPasswordOnPage(page, appliance.url, PASSWORD);
  await page.context().close();
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
});

/** Calls the REST interface of the appliance from a page of its own, as an administrator's script. */
async function rest(calls) {
  const page = await open(browser);
  await page.goto(appliance.url);
  const answers = await page.evaluate(
    async ({ password, calls }) => {
      const headers = { "Content-Type": "application/json" };
      const login = JSON.stringify({ username: "admin", password });
      const signedIn = await fetch("/$login", { method: "POST", headers, body: login });
      headers.Authorization = `Bearer ${(await signedIn.json()).token}`;
      const answers = [];
      for (const { method, path, data } of calls) {
        const answer = await fetch(path, { method, headers, body: data && JSON.stringify(data) });
        answers.push({ status: answer.status, text: await answer.text() });
      }
      return answers;
    },
    { password: PASSWORD, calls },
  );
  await page.context().close();
  for (const { status, text } of answers) {
    assert.ok(status < 300, `${status} ${text}`);
  }
  return answers.map(({ text }) => (text === "" ? null : JSON.parse(text)));
}

function addProxy({ location, user, password }) {
  const data = { location, ...(user && { username: user, password }) };
  return rest([{ method: "POST", path: "/proxies", data }]);
}

async function removeProxies() {
  const [{ items }] = await rest([{ method: "GET", path: "/proxies" }]);
  await rest(items.map(({ id }) => ({ method: "DELETE", path: `/proxies/${id}` })));
}

function trust(file) {
  const data = { rootCA: readFileSync(file, "utf8") };
  return rest([{ method: "POST", path: "/rootCA", data }]);
}

/** Fills the form that asks for a code. */
async function apply(page, name, cloud) {
  await page.goto(`${appliance.url}/register-connector`);
  await page.locator("#name").fill(name);
  await page.locator("#cloud").fill(cloud);
  await page.locator("#registration-form button").first().click();
}

/** The code that the page shows, once it does. */
async function code(page) {
  await page.locator("#code").waitFor({ timeout: RETRY_LIMIT });
  const shown = (await page.locator("#code").textContent()).replaceAll(/\s/g, "");
  assert.match(shown, /^[2-9A-HJ-NP-Z]{8}$/);
  return shown;
}

/** Opens the console of the cloud, signed in; the first time with a second factor that is set up then. */
async function openConsole(texts, options) {
  const { url, user, password } = appliance.cloud;
  const page = await open(browser, { locale: texts.locale, ...options });
  await page.goto(url);
  await page.locator("#email").fill(user);
  await page.locator("#password").fill(password);
  await page.locator("form:has(#email) button").first().click();
  await page.locator("#code").waitFor();
  const isFirst = authenticator === undefined;
  authenticator ??= new Authenticator(await page.locator("#totp-key").innerText());
  await page.locator("#code").fill(authenticator.code());
  await page.locator("form:has(#code) .btn--primary").click();
  await page.locator("#code").waitFor({ state: "detached" });
  if (isFirst) {
    await page.locator("main a.btn--primary").first().click();
  }
  return page;
}

/** Enters a code in the console, and gives the security number that it shows with the details. */
async function enter(page, registrationCode) {
  await page.locator("#code").fill(registrationCode);
  await page.locator("form:has(#code) .btn--primary").click();
  await page.locator(".key-text").waitFor();
  return (await page.locator(".key-text").textContent()).trim();
}

for (const [language, script] of [
  ["en", true],
  ["ja", false],
]) {
  const texts = LANGUAGES[language];

  describe(`Registration in ${language} ${script ? "with" : "without"} script`, () => {
    const look = async (page, name) => {
      if (script) await inspect(page, `registration-${name}-${language}`);
    };
    const name = `connector-${language}`;

    it("says what is wrong with a name and an address, and who intercepts", async () => {
      const page = await openSignedIn({ appliance, browser }, texts, PASSWORD, { script });
      await apply(page, "", "https://cloud.example.com/");
      await page.locator('#name[aria-invalid="true"]').waitFor();
      await page.locator('#cloud[aria-invalid="true"]').waitFor();
      await look(page, "errors");
      if (script) {
        await apply(page, name, appliance.cloud.address);
        const authority = `Root of ${appliance.cloud.address}`;
        await page.getByText(authority).first().waitFor({ timeout: RETRY_LIMIT });
        await look(page, "untrusted");
        await addProxy(appliance.interceptor);
        await page.getByText("mitmproxy").first().waitFor({ timeout: RETRY_LIMIT });
        await see(page, "outbound.tls-intercepted");
        await look(page, "intercepted");
        // The registration that is under way goes on.
        await trust(appliance.interceptor.rootCa);
      } else {
        await addProxy(appliance.proxy);
        await trust(appliance.cloud.rootCa);
        await apply(page, name, appliance.cloud.address);
      }
      await code(page);
      await look(page, "code");
      await close(page, appliance.url);
    });

    it("is done with the code in the console of the cloud", async () => {
      const page = await openSignedIn({ appliance, browser }, texts, PASSWORD, { script });
      await page.goto(`${appliance.url}/register-connector`);
      const shown = await code(page);
      const securityNumber = (await page.locator("#security-number").textContent()).trim();

      const cloud = await openConsole(texts, { script });
      await cloud.goto(`${appliance.cloud.url}/console/connectors/add`);
      await cloud.locator("#code").fill("2222-2222");
      await cloud.locator("form:has(#code) .btn--primary").click();
      await cloud.locator('#code[aria-invalid="true"]').waitFor();
      await look(cloud, "console-unknown-code");
      // As people type it.
      const typed = `${shown.slice(0, 4)}-${shown.slice(4)}`.toLowerCase();
      assert.equal(await enter(cloud, typed), securityNumber, "nobody stands in between");
      await see(cloud, name);
      await look(cloud, "console-details");
      await cloud.locator('form[action$="/add/register"] button').click();
      await cloud.locator("#h-done").waitFor();
      await look(cloud, "console-registered");

      const states = page.locator("#registration-facts tbody th + td .is-ok");
      await states.nth(1).waitFor({ timeout: RETRY_LIMIT });
      await look(page, "connected");
      await cloud.goto(`${appliance.cloud.url}/console/connectors`);
      await see(cloud, name);
      await look(cloud, "console-connectors");
      await cloud.getByRole("link", { name }).first().click();
      await cloud.getByRole("heading", { name }).first().waitFor();
      await look(cloud, "console-connector");
      await close(cloud, appliance.cloud.url);
      await page.goto(appliance.url);
      await see(page, name);
      await look(page, "summary");
      await close(page, appliance.url);
    });

    it("is ended on the page of the appliance", async () => {
      const page = await openSignedIn({ appliance, browser }, texts, PASSWORD, { script });
      await page.goto(`${appliance.url}/register-connector`);
      await page.locator("#unregister").click();
      await look(page, "unregister");
      await page.locator("main form button").first().click();
      await page.locator("#h-unregistered").waitFor();
      await look(page, "unregistered");
      await page.goto(`${appliance.url}/register-connector`);
      await page.locator("#cloud").waitFor();
      await close(page, appliance.url);
      await removeProxies();
    });
  });
}
