// The pictures of the operator guide: made here, from pages with invented names, and looked for there.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.js";
import { withPalette } from "./png.js";
import { startPreview } from "./preview.js";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const IMAGES = join(DOCS, "images");
/** Where `npm run guide` takes the pictures from. */
const MADE = fileURLToPath(new URL("../../target/guide/", import.meta.url));
/** Width of the window, in CSS pixels: one column, without the navigation at the side. */
const WIDTH = 900;
/** Most bytes of a picture in the guide. */
const MAX_BYTES = 80_000;
const CARD = "main .card";

/** Name of a picture: the page, and the part of it that is shown. */
const PICTURES = {
  "first-visit": ["create-password", "main"],
  summary: ["administration-no-lease", "#summary"],
  "account-menu": ["administration", ".menu__list"],
  "network-settings": ["network-static", CARD],
  "keep-network": ["network-keep", CARD],
  certificate: ["connections", "#certificate"],
  "signing-request": ["request-pending", CARD],
  domains: ["domains-several", "#domains"],
  "join-domain": ["domains-check-passed", CARD],
  proxies: ["connections", "#proxies"],
  exceptions: ["bypass", CARD],
  roots: ["connections", "#roots"],
  "capture-form": ["diagnostics", "#capture"],
  "capture-result": ["trace-ended-0", "#capture"],
  probe: ["probe-failed-0", "#probe"],
  prechecks: ["prechecks-2", "#prechecks"],
  report: ["connections", "#report"],
  logs: ["logs", CARD],
  syslog: ["logs-connected", "#syslog"],
  metrics: ["logs-new-token", "#metrics"],
  sessions: ["sessions", CARD],
  reset: ["reset", CARD],
};

describe("pictures for the operator guide", () => {
  let preview;
  let browser;

  before(async () => {
    [preview, browser] = await Promise.all([startPreview(), launch()]);
  });

  after(async () => {
    await browser?.close();
    preview?.stop();
  });

  it("are made of the pages as they are now", async () => {
    rmSync(MADE, { recursive: true, force: true });
    mkdirSync(MADE, { recursive: true });
    // So high that the bar on top never lies over a part.
    const viewport = { width: WIDTH, height: 3000 };
    const page = await browser.newPage({ viewport, colorScheme: "light", locale: "en-US" });
    const large = [];
    for (const [name, [file, part]] of Object.entries(PICTURES)) {
      await page.goto(preview.page(`${file}.en.html`));
      if (name === "account-menu") await page.locator(".menu > summary").click();
      const path = join(MADE, `${name}.png`);
      const picture = await page.locator(part).first().screenshot({ animations: "disabled" });
      writeFileSync(path, withPalette(picture));
      const { size } = statSync(path);
      if (size > MAX_BYTES) large.push(`${name}: ${size} bytes`);
    }
    assert.deepEqual(large, []);
    assert.equal(readdirSync(MADE).length, Object.keys(PICTURES).length);
  });
});

describe("pictures in the operator guide", () => {
  it("are all there, all shown, and small", () => {
    const guide = readFileSync(join(DOCS, "operator-guide.md"), "utf8");
    const shown = [...guide.matchAll(/!\[[^\]]+\]\(images\/([^)]+)\)/g)].map(([, file]) => file);
    const stored = readdirSync(IMAGES);
    assert.deepEqual([...new Set(shown)].sort(), stored.sort());
    assert.deepEqual(stored, Object.keys(PICTURES).map((name) => `${name}.png`).sort());
    for (const file of stored) {
      const { size } = statSync(join(IMAGES, file));
      assert.ok(size <= MAX_BYTES, `${basename(file)} has ${size} bytes`);
    }
  });
});
