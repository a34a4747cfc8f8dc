// Proxy servers, their exceptions, root certificate authorities, and the signing request of the page.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import {
  close,
  field,
  follow,
  inspect,
  openSignedIn,
  press,
  see,
  seeHeading,
  startInUse,
  tabTo,
} from "./browser.js";

const PASSWORD = "Correct-horse-1";
/** Nothing listens on this port of the appliance itself. */
const REFUSING = "127.0.0.1:9";
const OTHER = "proxy.example.com:8080";
/** Longest wait for the first check of a proxy, in milliseconds. */
const CHECK_LIMIT = 30_000;

const LANGUAGES = {
  en: {
    locale: "en-US",
    password: "Password",
    administration: "Connector administration",
    empty: "No proxy server is set.",
    add: "Add proxy server",
    location: "Proxy IP address and Port",
    userName: "Username (optional)",
    proxyPassword: "Password (optional)",
    save: "Save",
    noPort: "The port is missing.",
    noUserName: "There is a password and no user name.",
    correct: "Correct 2 fields.",
    unreachable: "Unreachable",
    refuses: "refuses connections",
    duplicate: "is in the list already",
    moveDown: (location) => `Move ${location} down`,
    edit: (location) => `Edit ${location}`,
    kept: "Leave it empty to keep the present one.",
    again: "Type the password again",
    delete: (location) => `Delete ${location}`,
    deleteQuestion: (location) => `Delete the proxy server ${location}?`,
    deleteButton: "Delete proxy server",
    exceptions: "Edit exceptions",
    rules: "Names and addresses that are contacted directly",
    hostBits: "It is an address inside a network.",
    rootsEmpty: "No authority of your own is added.",
    addRoot: "Add certificate",
    details: "Full Certificate Details",
    rootFile: "Or its file",
    addButton: "Add Certificate",
    notPem: "This is no certificate",
    privateKey: "This has a private key in it.",
    notAuthority: "not of an authority (CA:FALSE)",
    several: "There are 2 certificates.",
    tooLarge: "This is larger than 64 KiB",
    soon: "Add its successor before then.",
    deleteRoot: (name) => `Delete ${name}`,
    deleteRootButton: "Delete authority",
    replace: "Replace certificate",
    certificate: "Certificate of this page",
    createRequest: "Create signing request",
    names: "Names and addresses",
    noNames: "There is no name and no address.",
    pending: "The request waits for its certificate",
    download: "Download request (.csr)",
    signed: "Signed certificate",
    install: "Install certificate",
    otherRequest: "was made for another request",
    onTrial: "The new certificate is in use, on trial",
    openAgain: "Open this page again",
    keep: "Keep this certificate",
    drop: "Drop request",
    noFile: "No file was chosen.",
    fromFile: "Replace from file",
  },
  ja: {
    locale: "ja-JP",
    password: "パスワード",
    administration: "コネクタの管理",
    empty: "プロキシ サーバーは設定されていません。",
    add: "プロキシ サーバーを追加",
    location: "プロキシの IP アドレスとポート",
    userName: "ユーザー名 (省略可)",
    proxyPassword: "パスワード (省略可)",
    save: "保存",
    noPort: "ポートがありません。",
    noUserName: "パスワードだけがあり、ユーザー名がありません。",
    correct: "2 個の項目を修正してください。",
    unreachable: "接続不可",
    refuses: "接続を拒否しています",
    duplicate: "はすでに一覧にあります",
    moveDown: (location) => `${location} を下へ移動`,
    edit: (location) => `${location} を編集`,
    kept: "空のままにすると、現在のパスワードが維持されます。",
    again: "パスワードを入力し直してください。",
    delete: (location) => `${location} を削除`,
    deleteQuestion: (location) => `プロキシ サーバー ${location} を削除しますか?`,
    deleteButton: "プロキシ サーバーを削除する",
    exceptions: "例外を編集",
    rules: "直接接続する名前とアドレス",
    hostBits: "ネットワーク内のアドレスです。",
    rootsEmpty: "独自の証明機関は追加されていません。",
    addRoot: "証明書を追加",
    details: "証明書の内容全体",
    rootFile: "またはファイル",
    addButton: "証明書を追加する",
    notPem: "証明書ではありません",
    privateKey: "秘密鍵が含まれています。",
    notAuthority: "証明機関のものではありません (CA:FALSE)",
    several: "証明書が 2 個あります。",
    tooLarge: "64 KiB を超えているため",
    soon: "それまでに後継の証明機関を追加してください。",
    deleteRoot: (name) => `${name} を削除`,
    deleteRootButton: "証明機関を削除する",
    replace: "証明書を置き換える",
    certificate: "このページの証明書",
    createRequest: "署名要求を作成",
    createRequestButton: "署名要求を作成する",
    names: "名前とアドレス",
    noNames: "名前もアドレスもありません。",
    pending: "署名要求が証明書を待っています",
    download: "署名要求をダウンロード (.csr)",
    signed: "署名された証明書",
    install: "証明書をインストール",
    otherRequest: "別の署名要求に対するもの",
    onTrial: "新しい証明書を試用中です",
    openAgain: "このページを開き直す",
    keep: "この証明書を使い続ける",
    drop: "署名要求を破棄する",
    noFile: "ファイルが選択されていません。",
    fromFile: "ファイルから置き換える",
  },
};

let appliance;
let browser;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "connections-"));
  makeAuthority("root", "Test Root CA", 3650);
  makeAuthority("soon", "Soon CA", 10);
  ({ appliance, browser } = await startInUse(PASSWORD));
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function openssl(...command) {
  execFileSync("openssl", command, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}

/** Makes a certificate authority with files of this name. */
function makeAuthority(file, name, days) {
  openssl(
    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", String(days),
    "-keyout", `${file}.key`, "-out", `${file}.pem`, "-subj", `/O=Example/CN=${name}`,
    "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
  );
}

function text(file) {
  return readFileSync(join(folder, file), "utf8");
}

/** Signs a request as a certificate for a web server with its names. */
function sign(request) {
  writeFileSync(join(folder, "page.csr"), request);
  writeFileSync(
    join(folder, "server.ext"),
    "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n",
  );
  openssl(
    "x509", "-req", "-in", "page.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "90",
    "-copy_extensions", "copy", "-extfile", "server.ext", "-out", "page.pem",
  );
  return text("page.pem");
}

function signIn(texts, options) {
  return openSignedIn({ appliance, browser }, texts, PASSWORD, options);
}

/** Opens the form below a list: a disclosure that works without script. */
function unfold(page, name) {
  return page.locator("summary").filter({ hasText: name }).first().click();
}

async function addProxy(page, texts, location, userName = "", password = "") {
  await unfold(page, texts.add);
  await fillProxy(page, texts, location, userName, password);
}

async function fillProxy(page, texts, location, userName = "", password = "") {
  await field(page, texts.location).fill(location);
  await field(page, texts.userName).fill(userName);
  await field(page, texts.proxyPassword).fill(password);
  await press(page, texts.save);
}

async function addRoot(page, texts, content) {
  if (!(await field(page, texts.details).isVisible())) await unfold(page, texts.addRoot);
  await field(page, texts.details).fill(content);
  await press(page, texts.addButton);
}

async function deleteAll(page) {
  const answer = await page.request.post(`${appliance.url}/$login`, {
    data: { username: "admin", password: PASSWORD },
  });
  const headers = { Authorization: `Bearer ${(await answer.json()).token}` };
  for (const path of ["/proxies", "/rootCA"]) {
    const { items } = await (await page.request.get(`${appliance.url}${path}`, { headers })).json();
    for (const { id } of items) {
      const deleted = await page.request.delete(`${appliance.url}${path}/${id}`, { headers });
      assert.equal(deleted.status(), 204);
    }
  }
  await page.request.put(`${appliance.url}/proxyBypass`, { headers, data: { items: [] } });
}

describe("proxy servers", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    for (const script of [true, false]) {
      it(`names mistakes, adds, orders, edits and deletes in ${language} ${script ? "with" : "without"} script`, async () => {
        const page = await signIn(texts, { script });
        const look = async (name) => {
          if (script) await inspect(page, `${name}-${language}`);
        };
        await deleteAll(page);
        await page.goto(appliance.url);
        await see(page, texts.empty);
        await look("proxies-empty");

        await addProxy(page, texts, "proxy.example.com", "", "secret");
        await see(page, texts.correct);
        await see(page, texts.noPort);
        await see(page, texts.noUserName);
        assert.equal(await field(page, texts.location).inputValue(), "proxy.example.com");
        assert.equal(await field(page, texts.proxyPassword).inputValue(), "");
        if (script) {
          const focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
          assert.equal(focused, "alert");
        }
        await look("proxy-errors");

        await fillProxy(page, texts, REFUSING, "svc", "secret");
        await seeHeading(page, texts.administration);
        await waitForState(page, texts.unreachable, script);
        await see(page, texts.refuses);
        await see(page, "outbound.proxy-unreachable");
        await look("proxy-unreachable");

        await addProxy(page, texts, REFUSING);
        await see(page, texts.duplicate);
        await fillProxy(page, texts, OTHER);
        await seeHeading(page, texts.administration);
        assert.deepEqual(await locations(page), [REFUSING, OTHER]);
        await press(page, texts.moveDown(REFUSING));
        await seeHeading(page, texts.administration);
        assert.deepEqual(await locations(page), [OTHER, REFUSING]);
        await look("proxies");

        await follow(page, texts.edit(REFUSING));
        await see(page, texts.kept);
        assert.equal(await field(page, texts.userName).inputValue(), "svc");
        // A password is not sent to another proxy than the one that it was entered for.
        await fillProxy(page, texts, "127.0.0.1:10", "svc");
        await see(page, texts.again);
        await look("proxy-edit");
        await fillProxy(page, texts, "127.0.0.1:10", "svc", "secret");
        await seeHeading(page, texts.administration);
        assert.deepEqual(await locations(page), [OTHER, "127.0.0.1:10"]);

        await follow(page, texts.delete(OTHER));
        await seeHeading(page, texts.deleteQuestion(OTHER));
        await look("proxy-delete");
        await press(page, texts.deleteButton);
        await seeHeading(page, texts.administration);
        assert.deepEqual(await locations(page), ["127.0.0.1:10"]);

        await follow(page, texts.exceptions);
        await field(page, texts.rules).fill("host.example.com\n192.0.2.7/24");
        await press(page, texts.save);
        await see(page, texts.hostBits);
        await look("proxy-exceptions");
        await field(page, texts.rules).fill("host.example.com\n192.0.2.0/24");
        await press(page, texts.save);
        await seeHeading(page, texts.administration);
        await see(page, "host.example.com, 192.0.2.0/24");
        await close(page, appliance.url);
      });
    }
  }

  it("are added by keyboard", async () => {
    const texts = LANGUAGES.en;
    const page = await signIn(texts);
    await deleteAll(page);
    await page.goto(appliance.url);
    await tabTo(page, page.locator("summary").filter({ hasText: texts.add }));
    await page.keyboard.press("Enter");
    await tabTo(page, field(page, texts.location));
    await page.keyboard.type(REFUSING);
    await page.keyboard.press("Enter");
    await seeHeading(page, texts.administration);
    assert.deepEqual(await locations(page), [REFUSING]);
    await close(page, appliance.url);
  });
});

describe("root certificate authorities", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    for (const script of [true, false]) {
      it(`are refused with the reason, added and deleted in ${language} ${script ? "with" : "without"} script`, async () => {
        const page = await signIn(texts, { script });
        const look = async (name) => {
          if (script) await inspect(page, `${name}-${language}`);
        };
        await deleteAll(page);
        await page.goto(appliance.url);
        await see(page, texts.rootsEmpty);
        const root = text("root.pem");
        for (const [content, words] of [
          ["not a certificate", texts.notPem],
          [root + text("root.key"), texts.privateKey],
          [root + text("soon.pem"), texts.several],
        ]) {
          await addRoot(page, texts, content);
          await see(page, words);
        }
        await look("root-errors");
        writeFileSync(join(folder, "huge.pem"), "A".repeat(10 * 1024 * 1024));
        await field(page, texts.details).fill("");
        await field(page, texts.rootFile).setInputFiles(join(folder, "huge.pem"));
        await press(page, texts.addButton);
        await see(page, texts.tooLarge);

        await field(page, texts.rootFile).setInputFiles(join(folder, "root.pem"));
        await press(page, texts.addButton);
        await seeHeading(page, texts.administration);
        await see(page, "Test Root CA");
        await addRoot(page, texts, text("soon.pem"));
        await seeHeading(page, texts.administration);
        await see(page, texts.soon);
        await look("roots");

        await follow(page, texts.deleteRoot("Test Root CA"));
        await look("root-delete");
        await press(page, texts.deleteRootButton);
        await seeHeading(page, texts.administration);
        assert.equal(await page.locator("#roots-live tbody tr").count(), 1);
        await close(page, appliance.url);
      });
    }
  }
});

describe("signing request", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    it(`is made, downloaded, signed, installed and dropped in ${language}`, async () => {
      const page = await signIn(texts);
      await follow(page, texts.replace);
      await press(page, texts.fromFile);
      await see(page, texts.noFile);
      await inspect(page, `pkcs12-missing-${language}`);
      await follow(page, texts.createRequest);
      const make = texts.createRequestButton ?? texts.createRequest;
      await field(page, texts.names).fill("");
      await press(page, make);
      await see(page, texts.noNames);
      await inspect(page, `signing-request-errors-${language}`);
      await field(page, texts.names).fill("127.0.0.1\nconnector.example.com");
      await press(page, make);
      await seeHeading(page, texts.pending);
      await inspect(page, `signing-request-${language}`);

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        follow(page, texts.download),
      ]);
      const request = readFileSync(await download.path(), "utf8");
      assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----/);
      assert.equal((await page.locator("#request").innerText()).trim(), request.trim());

      await field(page, texts.signed).fill(text("root.pem"));
      await press(page, texts.install);
      await see(page, texts.otherRequest);
      await inspect(page, `signing-request-other-${language}`);
      await field(page, texts.signed).fill(sign(request));
      await press(page, texts.install);
      await see(page, texts.onTrial);
      await follow(page, texts.openAgain);
      await press(page, texts.keep);
      await see(page, "CN=Test Root CA");
      await inspect(page, `certificate-signed-${language}`);

      await follow(page, texts.createRequest);
      await press(page, make);
      await seeHeading(page, texts.pending);
      await follow(page, texts.drop);
      await press(page, texts.drop);
      await seeHeading(page, texts.certificate);
      await page.getByRole("link", { name: texts.createRequest, exact: true }).waitFor();
      await close(page, appliance.url);
    });
  }
});

describe("certificate of the page", () => {
  const texts = LANGUAGES.en;

  it("is requested, signed and taken without script", async () => {
    const page = await signIn(texts, { script: false });
    await follow(page, texts.replace);
    await follow(page, texts.createRequest);
    await field(page, texts.names).fill("127.0.0.1");
    await press(page, texts.createRequest);
    await seeHeading(page, texts.pending);
    const request = await page.locator("#request").innerText();
    await field(page, texts.signed).fill(sign(request));
    await press(page, texts.install);
    await see(page, texts.onTrial);
    await follow(page, texts.openAgain);
    await press(page, texts.keep);
    await see(page, "CN=Test Root CA");
    await close(page, appliance.url);
  });

  it("is taken from a PKCS #12 file by keyboard", async () => {
    openssl(
      "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "p12.key", "-out", "p12.csr",
      "-subj", "/CN=p12.example.com", "-addext", "subjectAltName=IP:127.0.0.1",
    );
    writeFileSync(join(folder, "p12.pem"), sign(text("p12.csr")));
    openssl(
      "pkcs12", "-export", "-in", "p12.pem", "-inkey", "p12.key", "-certfile", "root.pem",
      "-out", "page.p12", "-passout", "pass:example",
    );
    const page = await signIn(texts);
    await tabTo(page, page.getByRole("link", { name: texts.replace, exact: true }));
    await page.keyboard.press("Enter");
    // The browser's own window for files is outside of the page.
    await page.locator("#pkcs12").setInputFiles(join(folder, "page.p12"));
    await tabTo(page, page.locator("#pkcs12-passphrase"));
    await page.keyboard.type("example");
    await page.keyboard.press("Enter");
    await see(page, texts.onTrial);
    await tabTo(page, page.getByRole("link", { name: texts.openAgain, exact: true }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: texts.keep, exact: true }));
    await page.keyboard.press("Enter");
    await see(page, "p12.example.com");
    await close(page, appliance.url);
  });
});

/** Locations of the proxy servers in the order of the page. */
function locations(page) {
  return page.locator("#proxies-live tbody th code").allInnerTexts();
}

/** Waits for the result of the first check; without script the page has to be loaded again. */
async function waitForState(page, state, script) {
  const shown = page.locator("#proxies-live").getByText(state, { exact: true }).first();
  const end = Date.now() + CHECK_LIMIT;
  while (!(await shown.isVisible())) {
    assert.ok(Date.now() < end, `the state ${state} is shown`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!script) await page.reload();
  }
}
