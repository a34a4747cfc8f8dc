// Active Directory domains: naming, checking, joining, validating, looking up and leaving them, with a
// real domain controller.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { createPasswordOnPage, startWithDomain } from "./appliance.js";
import {
  close,
  field,
  follow,
  inspect,
  launch,
  open,
  openSignedIn,
  press,
  see,
  seeHeading,
} from "./browser.js";

const PASSWORD = "Correct-horse-1";
/** An address of the documentation network (RFC 5737): nobody answers there. */
const SILENT = "192.0.2.1";
/** Longest wait for a check of a domain, in milliseconds. */
const CHECK_LIMIT = 60_000;

const LANGUAGES = {
  en: {
    locale: "en-US",
    password: "Password",
    administration: "Connector administration",
    empty: "No domain is joined.",
    trusted: "Trusted domains",
    noTrusts: "No joined domain has a trust with another one.",
    add: "Add Active Directory domain",
    addButton: "Add",
    name: "Domain name",
    dns: "DNS servers that know the domain (optional)",
    singleLabel: '"CORP" has no dot, so it may be the NetBIOS name',
    notAnAddress: "is not an IPv4 address",
    cannotJoin: "users.example.test cannot be joined yet.",
    dnsSilent: "No DNS server answers.",
    join: "Join",
    joinTitle: "Join Active Directory",
    user: "User name",
    machine: "Machine name",
    tooLong: "Shorten it to 15 or fewer.",
    wrongPassword: "is wrong.",
    healthy: "Healthy",
    validate: "Validate Kerberos",
    showAccount: "Show machine account",
    passed: /Passed .* with/,
    gone: "is not in the domain any more.",
    value: "Value",
    lookUp: "Look up",
    leave: (domain) => `Leave ${domain}`,
    continue: "Continue",
    left: (domain) => `${domain} has been left`,
    menu: (domain) => `More for ${domain}`,
  },
  ja: {
    locale: "ja-JP",
    password: "パスワード",
    administration: "コネクタの管理",
    empty: "参加しているドメインはありません。",
    trusted: "信頼されたドメイン",
    noTrusts: "参加済みドメインに、他のドメインとの信頼関係はありません。",
    add: "Active Directory ドメインの追加",
    addButton: "追加",
    name: "ドメイン名",
    dns: "ドメインを知っている DNS サーバー (省略可)",
    singleLabel: "「CORP」にドットがないため、NetBIOS 名の可能性があります",
    notAnAddress: "IPv4 アドレスではありません",
    cannotJoin: "users.example.test にはまだ参加できません。",
    dnsSilent: "DNS サーバーが応答していません。",
    join: "参加",
    joinTitle: "Active Directory への参加",
    user: "ユーザー名",
    machine: "マシン名",
    tooLong: "15 文字以内にしてください。",
    wrongPassword: "のパスワードが違います。",
    healthy: "正常",
    validate: "Kerberos を検証",
    showAccount: "マシン アカウントを表示",
    passed: /で合格/,
    gone: "がドメインに存在しません。",
    value: "値",
    lookUp: "検索",
    leave: (domain) => `${domain} から離脱`,
    continue: "続ける",
    left: (domain) => `${domain} から離脱しました`,
    menu: (domain) => `${domain} のその他の操作`,
  },
};

let appliance;
let browser;

before(async () => {
  appliance = await startWithDomain();
  browser = await launch(appliance.namespace);
  const page = await open(browser);
  await createPasswordOnPage(page, appliance.url, PASSWORD);
  await page.context().close();
});

after(async () => {
  await browser?.close();
  await appliance?.stop();
});

function signIn(texts, options = {}) {
  return openSignedIn({ appliance, browser }, texts, PASSWORD, options);
}

/** Waits for the state of a domain, for which a page without script has to be loaded again. */
async function seeState(page, state, script) {
  const shown = page.locator("#domains").getByText(state, { exact: true });
  const deadline = Date.now() + CHECK_LIMIT;
  while (!script && Date.now() < deadline && !(await shown.isVisible())) {
    await page.reload();
  }
  await shown.waitFor();
}

/** Names a domain, in the form below the list or on its own page. */
async function add(page, texts, name, dns) {
  if (!(await field(page, texts.name).isVisible())) {
    await page.locator("summary").filter({ hasText: texts.add }).first().click();
  }
  await field(page, texts.name).fill(name);
  await field(page, texts.dns).fill(dns);
  await press(page, texts.addButton);
}

/** Chooses from the menu at the right of a domain. */
async function choose(page, texts, domain, entry) {
  await page.getByLabel(texts.menu(domain), { exact: true }).click();
  await page.locator("details.menu[open]").getByText(entry, { exact: true }).click();
}

for (const [language, texts] of Object.entries(LANGUAGES)) {
  for (const script of [true, false]) {
    const way = `in ${language} ${script ? "with" : "without"} script`;

    describe(`Active Directory domains ${way}`, () => {
      it("names mistakes, and says why a domain cannot be joined", async () => {
        const page = await signIn(texts, { script });
        const look = async (name) => {
          if (script) await inspect(page, `${name}-${language}`);
        };
        await see(page, texts.empty);
        await look("domains-empty");
        await follow(page, texts.trusted);
        await see(page, texts.noTrusts);
        await look("domains-trusts-empty");
        await page.goto(appliance.url);

        await add(page, texts, "CORP", "dc1");
        await see(page, texts.singleLabel);
        await see(page, texts.notAnAddress);
        await look("domains-name-errors");

        await add(page, texts, "users.example.test", SILENT);
        await seeHeading(page, texts.joinTitle);
        await page.getByText(texts.cannotJoin).first().waitFor({ timeout: CHECK_LIMIT });
        await see(page, texts.dnsSilent);
        await see(page, "domain.dns-silent");
        assert.equal(await field(page, texts.machine).count(), 0, "joining is not offered");
        await look("domains-check-failed");
        await close(page, appliance.url);
      });

      it("checks, joins, validates, looks up and leaves", async () => {
        const page = await signIn(texts, { script });
        const look = async (name) => {
          if (script) await inspect(page, `${name}-${language}`);
        };
        const { domain, dns, user, password } = appliance;
        const row = `/active-directory/domain?name=${domain}`;
        await add(page, texts, domain, dns);
        await field(page, texts.machine).waitFor({ timeout: CHECK_LIMIT });
        await look("domains-check-passed");
        const suggested = await field(page, texts.machine).inputValue();
        assert.match(suggested, /^[A-Z0-9-]{1,15}$/);

        await field(page, texts.machine).fill("SIXTEEN-LETTERS1");
        await field(page, texts.user).fill(user);
        await field(page, texts.password).fill(password);
        await press(page, texts.join);
        await see(page, texts.tooLong);
        await field(page, texts.machine).fill(suggested);
        await field(page, texts.password).fill(`${password}-wrong`);
        await press(page, texts.join);
        await see(page, texts.wrongPassword);
        assert.equal(await field(page, texts.password).inputValue(), "", "no password comes back");
        await look("domains-wrong-password");
        await field(page, texts.password).fill(password);
        await press(page, texts.join);

        await seeHeading(page, texts.administration);
        await page.getByRole("link", { name: domain, exact: true }).waitFor();
        await see(page, `${suggested}$`);
        await seeState(page, texts.healthy, script);
        await look("domains-joined");
        await choose(page, texts, domain, texts.validate);
        await see(page, texts.passed);
        await field(page, texts.value).fill(user.split(/[@\\]/).at(user.includes("\\") ? -1 : 0));
        await press(page, texts.lookUp);
        await see(page, "S-1-5-21-");
        await look("domains-lookup");

        await appliance.deleteAccount(suggested);
        await page.goto(`${appliance.url}${row}`);
        await press(page, texts.validate);
        await see(page, texts.gone);
        await see(page, "domain.machine-account-gone");
        await look("domains-account-gone");

        await follow(page, texts.leave(domain));
        await see(page, `${suggested}$`);
        await look("domains-leave");
        await press(page, texts.continue);
        await seeHeading(page, texts.left(domain));
        await page.goto(appliance.url);
        await see(page, texts.empty);
        await close(page, appliance.url);
      });
    });
  }
}
