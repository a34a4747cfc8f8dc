// Network diagnostics and the diagnostic report: a trace, a probe, the prechecks, the .zip.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import {
  close,
  inspect,
  openSignedIn,
  press,
  see,
  seeHeading,
  startInUse,
  tabTo,
} from "./browser.js";

const PASSWORD = "Correct-horse-1";
/** The gateway of QEMU's user network: it answers pings and is always there. */
const GATEWAY = "10.0.2.2";
/** Nobody has this address in QEMU's user network. */
const NOBODY = "10.0.2.99";
/** Longest time that a trace of 10 s, a probe or the prechecks may take under emulation, in ms. */
const TASK_LIMIT = 120_000;
/** Longest time that a report may take under emulation, in ms. */
const REPORT_LIMIT = 90_000;
/** First bytes of a .pcap file in either byte order, with micro- or nanoseconds. */
const PCAP_MAGIC = ["a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"];
/** First bytes of a .zip file. */
const ZIP_MAGIC = "504b0304";

const LANGUAGES = {
  en: {
    locale: "en-US",
    password: "Password",
    administration: "Connector administration",
    account: "Account: admin",
    title: "Network diagnostics",
    capture: "TCP Capture",
    target: "Target (optional)",
    duration: "Trace Duration",
    tenSeconds: "10 seconds",
    packetTracing: "Packet Tracing",
    privacy: "Whole packets can contain names",
    startTrace: "Start trace",
    recording: "Recording all TCP traffic, headers only",
    stop: "Stop trace",
    stopped: /Stopped at/,
    finished: /Finished at/,
    packets: "Packets",
    lost: "Lost",
    download: /^Download the trace/,
    startNew: "Start new trace",
    replaces: "deletes the present one",
    expression: "Filter expressions and commands are not taken",
    severalPorts: "More than one port",
    other: "Another trace has been running since",
    noSuchName: "does not exist",
    probe: "Probe",
    probeTarget: "Target",
    startProbe: "Start probe",
    good: /Every step succeeded/,
    failed: /Stopped at step/,
    stopProbe: "Stop probe",
    stoppedProbe: "The probe was stopped before it ended.",
    delete: "Delete trace",
    deleteQuestion: /^Delete the trace of/,
    deleteButton: "Delete trace",
    cancel: "Cancel",
    whatToDo: "What to do:",
    url: "This is a URL",
    run: "Run prechecks",
    runAgain: "Run again",
    link: "Link",
    report: "Diagnostic report",
    downloadReport: "Download Report",
    mask: "Mask addresses and names",
    downloaded: "The report is downloaded.",
  },
  ja: {
    locale: "ja-JP",
    password: "パスワード",
    administration: "コネクタの管理",
    account: "アカウント: admin",
    title: "ネットワーク診断",
    capture: "TCP キャプチャ",
    target: "対象 (省略可)",
    duration: "トレース時間",
    tenSeconds: "10 秒",
    packetTracing: "パケット トレース",
    privacy: "パケット全体には、ユーザーの名前",
    startTrace: "トレースを開始",
    recording: "すべての TCP トラフィック (ヘッダーのみ) を記録しています",
    stop: "トレースを停止",
    stopped: /に停止されました/,
    finished: /に終了しました/,
    packets: "パケット",
    lost: "損失",
    download: /^トレースをダウンロード/,
    startNew: "新しいトレースを開始",
    replaces: "現在のトレースは削除されます",
    expression: "フィルター式やコマンドは使用できません",
    severalPorts: "ポートが複数あります",
    other: "から別のトレースが実行中です",
    noSuchName: "は存在しません",
    probe: "プローブの種類",
    probeTarget: "宛先",
    startProbe: "プローブを開始",
    good: /すべての段階が成功しました/,
    failed: /で停止:/,
    stopProbe: "プローブを停止",
    stoppedProbe: "プローブは終了前に停止されました。",
    delete: "トレースを削除",
    deleteQuestion: /のトレースを削除しますか/,
    deleteButton: "トレースを削除する",
    cancel: "キャンセル",
    whatToDo: "対処方法:",
    url: "これは URL です",
    run: "事前チェックを実行",
    runAgain: "もう一度実行",
    link: "リンク",
    report: "診断レポート",
    downloadReport: "レポートをダウンロード",
    mask: "アドレスと名前をマスクする",
    downloaded: "レポートをダウンロードしました。",
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

function signedIn(texts, options) {
  return openSignedIn({ appliance, browser }, texts, PASSWORD, options);
}

/** Signs in and goes to Network diagnostics by the account menu. */
async function openPage(texts, options = {}) {
  const page = await signedIn(texts, options);
  await page.getByLabel(texts.account).first().click();
  await page.getByRole("link", { name: texts.title, exact: true }).click();
  await seeHeading(page, texts.title);
  await ended(page, texts);
  return page;
}

/** Waits until no trace of an earlier test runs, and shows the form of a new one. */
async function ended(page, texts) {
  const running = page.getByRole("button", { name: texts.stop, exact: true });
  if (await running.count()) {
    await running.click();
    await see(page, texts.stopped);
  }
  const again = page.getByRole("link", { name: texts.startNew, exact: true });
  if (await again.count()) await again.click();
  await page.getByRole("button", { name: texts.startTrace, exact: true }).waitFor();
}

/** Reloads as a person without script does, until a text is there. */
async function reloadUntil(page, text) {
  const end = Date.now() + TASK_LIMIT;
  while (!(await page.getByText(text).count())) {
    assert.ok(Date.now() < end, `${text} does not come`);
    await page.goto(`${appliance.url}/network-diagnostics`);
    await page.waitForTimeout(500);
  }
}

function seeLater(page, text) {
  return page.getByText(text).first().waitFor({ timeout: TASK_LIMIT });
}

async function fileOf(page, act) {
  const [download] = await Promise.all([
    page.waitForEvent("download", { timeout: REPORT_LIMIT }),
    act(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

describe("network diagnostics", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    for (const script of [true, false]) {
      const how = `in ${language} ${script ? "with" : "without"} script`;

      it(`records, shows and hands out a trace ${how}`, async () => {
        const page = await openPage(texts, { script });
        if (script) await inspect(page, `diagnostics-idle-${language}`);
        assert.ok(!(await page.getByText(texts.privacy).isVisible()));
        await page.getByLabel(texts.packetTracing, { exact: true }).check();
        assert.ok(await page.getByText(texts.privacy).isVisible(), "the warning is shown");
        await page.getByLabel(texts.packetTracing, { exact: true }).uncheck();
        await page.getByLabel(texts.duration, { exact: true }).selectOption(texts.tenSeconds);
        await press(page, texts.startTrace);
        await see(page, texts.recording);
        if (script) {
          // Looking at the page makes traffic, and the count follows without a reload.
          const count = page.locator("#capture-live .stats dd").first();
          const first = await count.textContent();
          await page.waitForFunction(
            (before) =>
              document.querySelector("#capture-live .stats dd")?.textContent !== before ||
              document.querySelector("#capture-live")?.dataset.kind === "ended",
            first,
          );
          await seeLater(page, texts.finished);
          await inspect(page, `trace-ended-${language}`);
        } else {
          await reloadUntil(page, texts.finished);
        }
        const link = page.getByRole("link", { name: texts.download });
        const { name, bytes } = await fileOf(page, () => link.click());
        assert.match(name, /^trace-[a-z0-9.-]+-\d{8}-\d{6}Z\.pcap$/i);
        assert.ok(PCAP_MAGIC.includes(bytes.subarray(0, 4).toString("hex")), name);
        assert.ok(bytes.length > 24, "there are packets in it");

        const toDelete = page.getByRole("link", { name: texts.delete, exact: true });
        await toDelete.click();
        await see(page, texts.deleteQuestion);
        if (script) await inspect(page, `trace-delete-${language}`);
        await page.getByRole("link", { name: texts.cancel, exact: true }).click();
        await toDelete.click();
        await press(page, texts.deleteButton);
        await page.getByRole("button", { name: texts.startTrace, exact: true }).waitFor();
        assert.equal(await toDelete.count(), 0);
        await close(page, appliance.url);
      });

      it(`names mistakes at their fields ${how}`, async () => {
        const page = await openPage(texts, { script });
        await page.getByLabel(texts.target, { exact: true }).fill("host 10.0.0.1 and port 80");
        await page.locator("#trace-port").fill("80,443");
        await press(page, texts.startTrace);
        await see(page, texts.expression);
        await see(page, texts.severalPorts);
        const typed = await page.getByLabel(texts.target, { exact: true }).inputValue();
        assert.equal(typed, "host 10.0.0.1 and port 80", "nothing typed is lost");
        if (script) await inspect(page, `trace-mistakes-${language}`);
        await page.locator("#probe-target").fill("https://a.example/x");
        await press(page, texts.startProbe);
        await see(page, texts.url);
        await close(page, appliance.url);
      });

      it(`follows a probe ${how}`, async () => {
        const page = await openPage(texts, { script });
        await page.getByLabel(texts.probe, { exact: true }).selectOption("icmp");
        await page.locator("#probe-target").fill(GATEWAY);
        await press(page, texts.startProbe);
        await (script ? seeLater(page, texts.good) : reloadUntil(page, texts.good));
        if (script) await inspect(page, `probe-good-${language}`);
        // Nothing listens there.
        await page.locator("#probe-kind").selectOption("tcp");
        await page.locator("#probe-target").fill(GATEWAY);
        await page.locator("#probe-port").fill("9");
        await press(page, texts.startProbe);
        await (script ? seeLater(page, texts.failed) : reloadUntil(page, texts.failed));
        await see(page, texts.whatToDo);
        if (script) await inspect(page, `probe-failed-${language}`);
        await close(page, appliance.url);
      });

      it(`stops a probe ${how}`, async () => {
        const page = await openPage(texts, { script });
        await page.locator("#probe-kind").selectOption("icmp");
        await page.locator("#probe-target").fill(NOBODY);
        await page.locator("#probe-port").fill("");
        await press(page, texts.startProbe);
        await press(page, texts.stopProbe);
        await see(page, texts.stoppedProbe);
        const stop = page.getByRole("button", { name: texts.stopProbe, exact: true });
        assert.equal(await stop.count(), 0);
        await close(page, appliance.url);
      });
    }

    it(`runs the prechecks by keyboard in ${language}`, async () => {
      const page = await openPage(texts);
      const button = page.locator("#prechecks-run");
      await tabTo(page, button);
      await page.keyboard.press("Enter");
      await page
        .getByRole("button", { name: texts.runAgain, exact: true })
        .waitFor({ timeout: TASK_LIMIT });
      const isDone = () => !document.querySelector("#prechecks-live [data-busy]");
      await page.waitForFunction(isDone, undefined, { timeout: TASK_LIMIT });
      const checks = page.locator("#prechecks-live");
      await checks.getByRole("rowheader", { name: texts.link, exact: true }).waitFor();
      await inspect(page, `prechecks-${language}`);
      await close(page, appliance.url);
    });

    for (const script of [true, false]) {
      const how = `in ${language} ${script ? "with" : "without"} script`;
      it(`downloads a report ${how}`, async () => {
        const page = await signedIn(texts, { script });
        await page.getByRole("heading", { name: texts.report, exact: true }).waitFor();
        await page.getByLabel(texts.mask, { exact: true }).check();
        const { name, bytes } = await fileOf(page, () => press(page, texts.downloadReport));
        assert.match(name, /^report-[a-z0-9.-]+-\d{8}-\d{6}Z\.zip$/i);
        assert.equal(bytes.subarray(0, 4).toString("hex"), ZIP_MAGIC);
        assert.ok(!bytes.includes(PASSWORD), "the password is not in it");
        if (script) {
          await see(page, texts.downloaded);
          await inspect(page, `report-${language}`);
        }
        await close(page, appliance.url);
      });
    }
  }

  it("shows the running trace to a second browser and tells it why it cannot start one", async () => {
    const texts = LANGUAGES.en;
    const first = await openPage(texts);
    const second = await openPage(texts, { script: false });
    await press(first, texts.startTrace);
    await see(first, texts.recording);
    await inspect(first, "trace-running-en");
    // The form of the second browser is from before.
    await press(second, texts.startTrace);
    await see(second, texts.other);
    await see(second, texts.recording);
    await first.reload();
    await see(first, texts.recording);
    await press(second, texts.stop);
    await see(second, texts.stopped);
    await seeLater(first, texts.stopped);
    await first.getByRole("link", { name: texts.startNew, exact: true }).click();
    await see(first, texts.replaces);
    await inspect(first, "trace-new-en");
    await close(first, appliance.url);
    await close(second, appliance.url);
  });

  it("probes and downloads a report by keyboard alone", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts);
    await tabTo(page, page.locator("#probe-kind"));
    await page.keyboard.press("Home");
    await page.keyboard.type("ICMP");
    await tabTo(page, page.locator("#probe-target"));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(GATEWAY);
    await page.keyboard.press("Enter");
    await seeLater(page, texts.good);
    await page.goto(`${appliance.url}/`);
    const mask = page.getByLabel(texts.mask, { exact: true });
    await tabTo(page, mask);
    await page.keyboard.press("Space");
    assert.ok(await mask.isChecked());
    await tabTo(page, page.getByRole("button", { name: texts.downloadReport, exact: true }));
    const { name } = await fileOf(page, () => page.keyboard.press("Enter"));
    assert.match(name, /\.zip$/);
    await close(page, appliance.url);
  });

  it("is operated by keyboard alone", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts);
    const target = page.getByLabel(texts.target, { exact: true });
    await tabTo(page, target);
    await page.keyboard.type("nowhere.invalid");
    const button = page.getByRole("button", { name: texts.startTrace, exact: true });
    await tabTo(page, button);
    await page.keyboard.press("Enter");
    // The error gets the focus; its name is shown in the form again.
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.ok(await alert.evaluate((element) => element === document.activeElement));
    assert.equal(await target.inputValue(), "nowhere.invalid");
    await close(page, appliance.url);
  });

  it("keeps a form that is being filled in while the page refreshes itself", async () => {
    const texts = LANGUAGES.en;
    const page = await openPage(texts);
    const port = page.locator("#trace-port");
    await port.fill("443");
    const answer = page.waitForResponse((response) => response.url().includes("/live"));
    await answer;
    await page.waitForTimeout(200);
    assert.equal(await port.inputValue(), "443");
    await close(page, appliance.url);
  });
});
