// The console as it is served: the real program with a fresh database, and what an administrator does
// with it from the first sign-in on. Each test goes on where the one before has ended.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import { close, field, follow, launch, open, press, see, seeHeading, tabTo } from "../web/browser.js";
import { Authenticator, startCloud } from "./cloud.js";
import { tooWide, violations } from "../web/rules.js";
import { shoot } from "./pictures.js";

const CUSTOMER = "Example Bank";
const OWNER = "owner@example.com";
const GUEST = "guest@example.com";
const GUEST_PASSWORD = "Tr0ut-under-glass";
const CLIENT = "Nightly report";

let cloud;
let browser;
/** The window of the owner. */
let page;
let authenticator;
let backupCodes;
/** The page that the invited administrator opens. */
let invitation;

before(async () => {
  [cloud, browser] = await Promise.all([startCloud(CUSTOMER, OWNER), launch()]);
  page = await open(browser);
});

after(async () => {
  await browser?.close();
  await cloud?.stop();
});

/** Checks a page as it is now, in a window with script, and leaves pictures of it. */
async function inspect(window, name) {
  assert.deepEqual(await violations(window), [], name);
  assert.deepEqual(await tooWide(window), [], name);
  await shoot(window, `server-${name}`);
}

/** Fills in address and password with whatever the keyboard reaches. */
async function typeCredentials(window, password) {
  await tabTo(window, field(window, "E-mail address"));
  await window.keyboard.press("Control+A");
  await window.keyboard.type(OWNER);
  await tabTo(window, field(window, "Password"));
  await window.keyboard.type(password);
  await window.keyboard.press("Enter");
}

/** The texts of the records of the system log, newest first. */
async function log(window) {
  await window.goto(`${cloud.url}/console/system-log`);
  return window.locator("main tbody tr").allInnerTexts();
}

async function download(window, link) {
  const saving = window.waitForEvent("download");
  await follow(window, link);
  const saved = await saving;
  return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), "utf8") };
}

describe("first sign-in, with the keyboard only", () => {
  it("refuses a wrong password and says so", async () => {
    await page.goto(cloud.url);
    await page.waitForURL("**/console/sign-in");
    await inspect(page, "sign-in");
    await typeCredentials(page, "Wrong-2-wrong");
    const alert = page.getByRole("alert");
    await alert.filter({ hasText: "The e-mail address or the password is wrong." }).waitFor();
    assert.ok(await alert.evaluate((element) => element === document.activeElement));
    assert.equal(await field(page, "E-mail address").inputValue(), OWNER);
    assert.equal(await field(page, "Password").inputValue(), "");
    await inspect(page, "sign-in-wrong");
  });

  it("sets an authenticator app up before anything else", async () => {
    await typeCredentials(page, cloud.password);
    await seeHeading(page, "Set up an authenticator app");
    await inspect(page, "set-up-totp");
    authenticator = new Authenticator(await page.locator("#totp-key").innerText());
    await page.goto(`${cloud.url}/console/resource-locations`);
    assert.match(page.url(), /\/console\/sign-in$/, "half a sign-in opens nothing");
    await typeCredentials(page, cloud.password);
    await seeHeading(page, "Set up an authenticator app");
    authenticator = new Authenticator(await page.locator("#totp-key").innerText());
    const code = field(page, "Code that the app shows now");
    await tabTo(page, code);
    await page.keyboard.type("000000");
    await page.keyboard.press("Enter");
    await see(page, "The code is wrong, too old or used already.");
    await tabTo(page, code);
    await page.keyboard.type(authenticator.code());
    await page.keyboard.press("Enter");
    await seeHeading(page, "Backup codes");
    await inspect(page, "backup-codes");
  });

  it("gives backup codes once and goes on", async () => {
    const { name, text } = await download(page, "Download as text");
    assert.equal(name, "backup-codes.txt");
    backupCodes = text.trim().split("\r\n");
    assert.equal(backupCodes.length, 10);
    await tabTo(page, page.getByRole("link", { name: "I have kept them" }));
    await page.keyboard.press("Enter");
    await seeHeading(page, "Resource locations");
    await see(page, CUSTOMER);
  });
});

describe("an administrator with full access", () => {
  it("adds a resource location with the keyboard only", async () => {
    await inspect(page, "locations-empty");
    await tabTo(page, page.getByRole("link", { name: "Add a Resource Location" }).first());
    await page.keyboard.press("Enter");
    await seeHeading(page, "Add a Resource Location");
    await inspect(page, "location-add");
    const name = field(page, "Name");
    await tabTo(page, name);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "Type a name." }).waitFor();
    await tabTo(page, name);
    await page.keyboard.type("Osaka Branch");
    await tabTo(page, field(page, "Time zone"));
    await page.keyboard.type("Tokyo");
    await tabTo(page, page.getByRole("button", { name: "Save" }));
    await page.keyboard.press("Enter");
    await see(page, "Osaka Branch is added.");
    await see(page, "No connector yet");
    await inspect(page, "locations");
  });

  it("lists web servers of the location and removes one with the keyboard only", async () => {
    await page.getByLabel("Actions for Osaka Branch").click();
    await follow(page, "Web servers");
    await seeHeading(page, "Web servers");
    await see(page, "No web server is listed.");
    await inspect(page, "web-servers-empty");
    const [name, address] = ["Name", "Address"].map((label) => field(page, label));
    await tabTo(page, name);
    await page.keyboard.type("Wiki");
    await tabTo(page, address);
    await page.keyboard.type("http://127.0.0.1:8080");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert").filter({ hasText: "This address leads to the appliance itself." });
    await alert.waitFor();
    assert.ok(await alert.evaluate((element) => element === document.activeElement));
    assert.equal(await name.inputValue(), "Wiki");
    await inspect(page, "web-servers-refused");
    await tabTo(page, address);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("https://wiki.corp.example.com");
    await page.keyboard.press("Enter");
    await see(page, "Wiki is added and can be reached at once.");
    const row = page.getByRole("row").filter({ hasText: "https://wiki.corp.example.com:443" });
    assert.match(await row.innerText(), /\/resourcelocations\/[0-9a-f-]+\/web\/[0-9a-f-]+\//);
    await inspect(page, "web-servers");
    await tabTo(page, page.getByRole("link", { name: "Remove Wiki" }));
    await page.keyboard.press("Enter");
    await see(page, "Remove Wiki from Osaka Branch?");
    await inspect(page, "web-server-remove");
    await tabTo(page, page.getByRole("button", { name: "Remove" }));
    await page.keyboard.press("Enter");
    await see(page, "Wiki is removed.");
    await see(page, "No web server is listed.");
  });

  it("sees every section", async () => {
    for (const section of [
      "Connectors",
      "Updates",
      "Domains",
      "API access",
      "Administrators",
      "System log",
      "Notifications",
    ]) {
      await page.goto(`${cloud.url}/console`);
      await page.locator(".sidenav").getByRole("link", { name: section }).click();
      await seeHeading(page, section);
      await inspect(page, `section-${section.toLowerCase().replace(" ", "-")}`);
    }
  });

  it("creates a secure client and sees its secret once", async () => {
    await page.goto(`${cloud.url}/console/api-access`);
    await see(page, cloud.customerId);
    await field(page, "Name").fill(CLIENT);
    await press(page, "Create Client");
    await seeHeading(page, "ID and secret have been created");
    await inspect(page, "client-created");
    const [id, secret] = await page.locator("#client-id, #client-secret").allInnerTexts();
    const { name, text } = await download(page, "Download CSV");
    assert.equal(name, "secureclient.csv");
    assert.equal(text, `ID,Secret\r\n"${id}","${secret}"\r\n`);
    const answer = await page.request.post(
      `${cloud.url}/cctrustoauth2/${cloud.customerId}/tokens/clients`,
      { form: { grant_type: "client_credentials", client_id: id, client_secret: secret } },
    );
    assert.equal(answer.status(), 200, "the secret opens the interface for programs");
    await follow(page, "Close");
    await seeHeading(page, "Create a secure client");
    await page.getByRole("row").filter({ hasText: CLIENT }).filter({ hasText: id }).waitFor();
    assert.ok(!(await page.content()).includes(secret));
  });

  it("is asked for the code of an appliance, step by step", async () => {
    await page.goto(`${cloud.url}/console/resource-locations`);
    await follow(page, "Add a Connector Appliance to Osaka Branch");
    await see(page, "Step 1. Install Connector Appliance");
    await inspect(page, "add-connector");
    for (const [code, complaint] of [
      ["ABC", "Type the 8 letters and digits that the appliance shows."],
      ["ABCD-2345", "No appliance shows this code."],
    ]) {
      await field(page, "Code").fill(code);
      await press(page, "Confirm details");
      await page.getByRole("alert").filter({ hasText: complaint }).waitFor();
      assert.equal(await field(page, "Code").inputValue(), code);
    }
    await inspect(page, "add-connector-unknown");
  });

  it("invites an administrator with custom access", async () => {
    await page.goto(`${cloud.url}/console/administrators`);
    await follow(page, "Add administrator");
    await field(page, "E-mail").fill(GUEST);
    await field(page, "Display name").fill("Guest of the bank");
    await page.getByLabel("Custom access").check();
    await press(page, "Send invitation");
    await page.getByRole("alert").filter({ hasText: "Choose one right at least" }).waitFor();
    await inspect(page, "invite-no-rights");
    await field(page, "Resource locations").check();
    await field(page, "System log").check();
    await press(page, "Send invitation");
    await seeHeading(page, "Invitation link");
    await inspect(page, "invited");
    invitation = await page.locator("#invitation-link").innerText();
    await page.goto(`${cloud.url}/console/administrators`);
    await page.getByRole("row").filter({ hasText: GUEST }).filter({ hasText: "Invite Sent" }).waitFor();
    assert.ok(!(await page.content()).includes("token="), "the link is shown once");
  });
});

describe("an invited administrator with custom access", () => {
  let guest;

  before(async () => {
    guest = await open(browser);
  });

  it("accepts the invitation with a password of the rules", async () => {
    await guest.goto(invitation);
    await seeHeading(guest, "Accept the invitation");
    await see(guest, `You are invited to manage ${CUSTOMER}.`);
    await inspect(guest, "invitation");
    for (const [password, confirmation, complaint] of [
      [GUEST_PASSWORD, "something else", "The two passwords differ."],
      ["simple", "simple", "Add an upper-case letter."],
    ]) {
      await field(guest, "New password").fill(password);
      await field(guest, "Confirm new password").fill(confirmation);
      await press(guest, "Set password");
      await guest.getByRole("alert").filter({ hasText: complaint }).waitFor();
    }
    await inspect(guest, "invitation-refused");
    await field(guest, "New password").fill(GUEST_PASSWORD);
    await field(guest, "Confirm new password").fill(GUEST_PASSWORD);
    await press(guest, "Set password");
    await seeHeading(guest, "E-mail address and password");
    const again = await guest.goto(invitation);
    assert.equal(again.status(), 410);
    await seeHeading(guest, "The invitation is not valid");
    await inspect(guest, "invitation-used");
  });

  it("signs in and sees the own sections only", async () => {
    await follow(guest, "Go to the start page");
    await field(guest, "E-mail address").fill(GUEST);
    await field(guest, "Password").fill(GUEST_PASSWORD);
    await press(guest, "Sign in");
    const own = new Authenticator(await guest.locator("#totp-key").innerText());
    await field(guest, "Code that the app shows now").fill(own.code());
    await press(guest, "Verify and go on");
    await follow(guest, "I have kept them");
    await seeHeading(guest, "Resource locations");
    assert.deepEqual(await guest.locator(".sidenav a").allInnerTexts(), [
      "Resource locations",
      "Connectors",
      "Updates",
      "System log",
    ]);
    assert.ok((await log(guest)).some((record) => record.includes("Resource location created")));
  });

  it("is refused other pages, and told why and what to do", async () => {
    for (const [path, heading, words] of [
      ["administrators", "Full access is needed", "Ask an administrator with full access"],
      ["api-access", "You lack a right", "this page needs the right Secure clients."],
    ]) {
      const answer = await guest.goto(`${cloud.url}/console/${path}`);
      assert.equal(answer.status(), 403);
      await seeHeading(guest, heading);
      await see(guest, words);
      await inspect(guest, `refused-${path}`);
    }
    // Who is refused is still signed in, and can leave.
    await guest.getByLabel("Account: Guest of the bank").click();
    await press(guest, "Sign out");
    await see(guest, "You are signed out.");
    await close(guest, cloud.url);
  });
});

describe("the system log", () => {
  it("says what has happened, newest first, and is exported", async () => {
    const records = await log(page);
    await inspect(page, "system-log");
    const [invited, created, located] = [
      "'Custom' Administrator invitation sent",
      "Secure client created",
      "Resource location created",
    ].map((event) => records.findIndex((record) => record.includes(event)));
    assert.ok(0 <= invited && invited < created && created < located, records.join("\n"));
    assert.match(records[created], new RegExp(`${OWNER}[^]*${CLIENT}`));
    const { name, text } = await download(page, "Export CSV");
    assert.equal(name, "system-log.csv");
    const [head, ...rows] = text.trimEnd().split("\r\n");
    assert.equal(head, '\u{FEFF}"Time","Actor","Event","Description","Change","Target","Target ID"');
    assert.equal(rows.length, records.length);
    assert.ok(rows.some((row) => row.includes(`"${OWNER}","secureclient/create"`)), text);
  });

  it("shows what is searched for", async () => {
    await field(page, "Event, actor or target").fill(CLIENT);
    await press(page, "Show");
    await see(page, "1-1 of 1");
    assert.equal(await page.locator("main tbody tr").count(), 1);
  });
});

describe("signing out", () => {
  it("ends the session, not only the page", async () => {
    const { cookies } = await page.context().storageState();
    await page.getByLabel(`Account: ${OWNER}`).click();
    await press(page, "Sign out");
    await see(page, "You are signed out.");
    await inspect(page, "signed-out");
    await page.context().addCookies(cookies);
    await page.goto(`${cloud.url}/console/resource-locations`);
    await seeHeading(page, "E-mail address and password");
    await close(page, cloud.url);
  });
});

describe("without script", () => {
  it("somebody signs in with a code of the app and changes a location", async () => {
    const bare = await open(browser, { script: false });
    await bare.goto(cloud.url);
    await field(bare, "E-mail address").fill(OWNER);
    await field(bare, "Password").fill(cloud.password);
    await press(bare, "Sign in");
    await seeHeading(bare, "Confirm that it is you");
    await field(bare, "Code of 6 digits").fill(authenticator.code());
    await press(bare, "Verify");
    await bare.getByLabel("Actions for Osaka Branch").click();
    await follow(bare, "Rename or edit");
    assert.equal(await field(bare, "Time zone").inputValue(), "Tokyo Standard Time");
    await field(bare, "Name").fill("Kobe Branch");
    await press(bare, "Save");
    await see(bare, "Kobe Branch is saved.");
    await close(bare, cloud.url);
  });
});

describe("in Japanese", () => {
  it("somebody signs in with a backup code, which works once", async () => {
    const enter = async (expected) => {
      const window = await open(browser, { locale: "ja-JP" });
      await window.goto(cloud.url);
      await field(window, "メール アドレス").fill(OWNER);
      await field(window, "パスワード").fill(cloud.password);
      await press(window, "サインイン");
      await seeHeading(window, "本人確認");
      await follow(window, "バックアップ コードを使用する");
      await window.getByRole("textbox", { name: "バックアップ コード" }).fill(backupCodes[0]);
      await press(window, "確認");
      await seeHeading(window, expected);
      return window;
    };
    const window = await enter("リソースの場所");
    await inspect(window, "locations-ja");
    assert.equal(await window.locator("html").getAttribute("lang"), "ja");
    await window.goto(`${cloud.url}/console/account`);
    await see(window, "バックアップ コードの残りは 9 個です。");
    await inspect(window, "account-ja");
    await follow(window, "English");
    await seeHeading(window, "My account");
    await close(window, cloud.url);
    const second = await enter("コードは受け付けられませんでした");
    await see(second, "バックアップ コードが間違っているか、使用済みです。");
    await inspect(second, "code-used-ja");
    await close(second, cloud.url);
  });
});
