// What the pages do in a browser: menus, copying, saving, sending forms with the keyboard only, fresh
// parts, and all of it but copying and fresh parts without script.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import { launch, open, tabTo } from "../web/browser.js";
import { html, startGallery } from "./gallery.js";

const NARROW = { width: 320, height: 640 };

let gallery;
let browser;

before(async () => {
  [gallery, browser] = await Promise.all([startGallery(), launch()]);
});

after(async () => {
  await browser?.close();
  gallery?.stop();
});

/** Opens a page in a window of its own and closes it afterwards; the browser may not complain. */
async function withPage(file, options, use) {
  const page = await open(browser, options);
  await page.goto(gallery.page(file));
  await use(page);
  const { complaints } = page;
  await page.context().close();
  assert.deepEqual(complaints, []);
}

describe("menus", () => {
  it("open with the keyboard, close with Escape and give the focus back", async () => {
    await withPage("locations.en.html", {}, async (page) => {
      const button = page.getByLabel("Actions for Osaka Branch");
      await tabTo(page, button);
      await page.keyboard.press("Enter");
      const entry = page.getByRole("link", { name: "Update policy" });
      await entry.waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Escape");
      assert.equal(await entry.isVisible(), false);
      assert.ok(await button.evaluate((element) => element === document.activeElement));
    });
  });

  it("work without script and stay on narrow screens", async () => {
    for (const file of ["locations.en.html", "administrators.ja.html"]) {
      await withPage(file, { script: false }, async (page) => {
        await page.setViewportSize(NARROW);
        const buttons = page.locator("details.menu > summary:visible");
        assert.ok((await buttons.count()) >= 4, file);
        for (const button of await buttons.all()) {
          await button.click();
          const list = button.locator("xpath=following-sibling::*");
          const { x, width } = await list.boundingBox();
          assert.ok(x >= 0 && x + width <= NARROW.width, `${file}: ${x} + ${width}`);
          await button.click();
        }
      });
    }
  });
});

describe("what is shown once", () => {
  it("is saved without script", async () => {
    for (const [file, text, expected] of [
      ["clients-created.en.html", "Download CSV", /^ID,Secret\r\n"1a7c[^"]+","q3J0yVnK8mR1sT5w=="\r\n$/],
      ["backup-codes-first.en.html", "Download as text", /^(7K\dQM-4XZP\d\r\n){10}$/],
    ]) {
      await withPage(file, { script: false }, async (page) => {
        const saving = page.waitForEvent("download");
        await page.getByRole("link", { name: text }).click();
        const download = await saving;
        assert.match(await readFile(await download.path(), "utf8"), expected);
      });
    }
  });

  it("is copied with script, and offers no button without", async () => {
    await withPage("clients-created.en.html", {}, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy the secret" }).click();
      await page.getByRole("status").filter({ hasText: "Copied" }).waitFor({ state: "attached" });
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(copied, "q3J0yVnK8mR1sT5w==");
    });
    await withPage("clients-created.en.html", { script: false }, async (page) => {
      assert.equal(await page.locator("[data-copy]:visible").count(), 0);
    });
  });
});

describe("forms", () => {
  it("are filled in and sent with the keyboard only, without script", async () => {
    await withPage("add-connector.en.html", { script: false }, async (page) => {
      const field = page.getByLabel("Code", { exact: true });
      await tabTo(page, field);
      await page.keyboard.press("Control+A");
      await page.keyboard.type("abcd-2345");
      gallery.posts.length = 0;
      await page.keyboard.press("Enter");
      const [post] = await waitFor(() => gallery.posts.length > 0 && gallery.posts);
      assert.equal(post.path, "/console/connectors/add");
      const sent = new URLSearchParams(post.body);
      assert.deepEqual(
        [sent.get("location"), sent.get("code"), sent.get("csrf")],
        ["6b1c", "abcd-2345", "4fVq0Yl8mWk"],
      );
    });
  });

  it("send every right that is checked", async () => {
    await withPage("invite-custom.en.html", { script: false }, async (page) => {
      await page.getByLabel("Domains", { exact: true }).check();
      gallery.posts.length = 0;
      await page.getByRole("button", { name: "Send invitation" }).click();
      const [post] = await waitFor(() => gallery.posts.length > 0 && gallery.posts);
      const sent = new URLSearchParams(post.body);
      assert.equal(sent.get("access"), "custom");
      assert.deepEqual(sent.getAll("right"), ["Domains", "ResourceLocations", "SystemLog"]);
    });
  });

  it("show what a choice needs, without script", async () => {
    await withPage("policy-immediately.en.html", { script: false }, async (page) => {
      const start = page.getByLabel("Begins at");
      assert.equal(await start.isVisible(), false);
      await page.getByLabel("In a window").check();
      assert.equal(await start.isVisible(), true);
    });
  });

  it("lead from a problem to its field", async () => {
    await withPage("location-edit-name-taken.en.html", {}, async (page) => {
      const alert = page.getByRole("alert");
      assert.ok(await alert.evaluate((element) => element === document.activeElement));
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.match(page.url(), /#name$/);
    });
  });
});

describe("a connector", () => {
  for (const [button, path, words] of [
    ["Run prechecks", "/console/connectors/prechecks", "The appliance is checking."],
    ["Make and download a report", "/console/connectors/report", "Asked for. This takes up to"],
  ]) {
    it(`is asked with the keyboard only, and the page says meanwhile that it waits: ${button}`, async () => {
      await withPage("connector.en.html", {}, async (page) => {
        assert.equal(await page.getByText(words).first().isVisible(), false);
        await tabTo(page, page.getByRole("button", { name: button }));
        gallery.posts.length = 0;
        await page.keyboard.press("Enter");
        const [post] = await waitFor(() => gallery.posts.length > 0 && gallery.posts);
        assert.equal(post.path, path);
        const sent = new URLSearchParams(post.body);
        assert.deepEqual([sent.get("id"), sent.get("csrf")], ["id-connector-hq-01", "4fVq0Yl8mWk"]);
        await page.locator("[data-meanwhile]").filter({ hasText: words }).waitFor();
        assert.match(await page.locator("#announcement").innerText(), new RegExp(words));
      });
    });
  }

  it("is asked without script", async () => {
    await withPage("connector.en.html", { script: false }, async (page) => {
      gallery.posts.length = 0;
      await page.getByRole("button", { name: "Run prechecks" }).click();
      const [post] = await waitFor(() => gallery.posts.length > 0 && gallery.posts);
      assert.equal(post.path, "/console/connectors/prechecks");
      assert.equal(await page.locator("[data-meanwhile]:visible").count(), 0);
    });
  });

  it("keeps the results of its prechecks: their address is not asked for again", async () => {
    await withPage("connector-prechecks.en.html", {}, async (page) => {
      await page.clock.install();
      await page.reload();
      let asked = 0;
      page.on("request", (request) => {
        if (request.resourceType() === "fetch") asked += 1;
      });
      await page.clock.runFor(30_000);
      assert.equal(asked, 0);
      await page.getByText("1 check failed").waitFor();
    });
  });
});

describe("fresh parts", () => {
  it("replace old ones and keep what somebody has unfolded", async () => {
    await withPage("connector.en.html", {}, async (page) => {
      await page.clock.install();
      await page.reload();
      await page.getByText("Show as a table").click();
      gallery.change.apply = (text) => text.replaceAll("2 s ago", "9 s ago");
      await page.clock.runFor(11_000);
      await page.getByText("9 s ago").waitFor();
      assert.ok(await page.locator("#load-values").evaluate((details) => details.open));
      gallery.change.apply = undefined;
    });
  });

  it("say when the console does not answer", async () => {
    const page = await open(browser);
    await page.clock.install();
    await page.goto(gallery.page("connectors.en.html"));
    assert.equal(await page.getByText("The console does not answer").isVisible(), false);
    await page.route("**/*", (route) => route.abort());
    await page.clock.runFor(11_000);
    await page.getByText("The console does not answer").waitFor();
    await page.context().close();
  });
});

it("asks no other host, not even for what it shows", () => {
  for (const file of ["connectors.en.html", "set-up-totp.en.html"]) {
    assert.doesNotMatch(html(file), /(src|href)="(https?:)?\/\//);
  }
});

/** Waits until a question has an answer. */
async function waitFor(question) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = question();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return assert.fail("nothing was sent");
}
