// Optional conveniences. Every page works without this script.
"use strict";

const REFRESH_MS = 5000; // between two looks at the page's state
const BUSY_REFRESH_MS = 1000; // the same while something on the page is under way
const ANSWER_MS = 4000; // longest wait for an answer
const AFTER_END_MS = 2000; // from the end of a countdown to the next look
const SHUTDOWN_MS = 20000; // a restart has begun by then, even if nobody saw it

const element = (id) => document.getElementById(id);

function announce(text) {
  element("announcement").textContent = text;
}

async function ask(path) {
  const headers = { "X-Requested-With": "fetch" };
  const signal = AbortSignal.timeout(ANSWER_MS);
  return fetch(path, { headers, signal, cache: "no-store", redirect: "manual" });
}

// What the server sent last for each part: what a person opened or unfolded in it is no news, and
// neither is what the script changes below.
const sent = new Map();
for (const part of document.querySelectorAll("main [id]")) sent.set(part.id, part.outerHTML);

// Copy buttons: hidden without script. Those of a part come and go with it.
function showCopyButtons(within) {
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll("[data-copy]")) button.hidden = false;
}
showCopyButtons(document);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(element(button.dataset.copy).textContent);
  announce("");
  announce(button.dataset.copied);
  const shape = button.querySelector("use");
  const before = shape.getAttribute("href");
  if (before === "#i-ok") return;
  shape.setAttribute("href", "#i-ok");
  setTimeout(() => shape.setAttribute("href", before), 2000);
});

// A button that waits after a wrong password. The server enforces the pause; this only shows it.
for (const button of document.querySelectorAll("[data-wait]")) {
  const text = button.textContent;
  const end = performance.now() + Number(button.dataset.wait) * 1000;
  const show = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.waitText.replace("{}", left) : text;
    if (left > 0) setTimeout(show, 250);
  };
  show();
}

// A change that is taken back unless somebody keeps it. The server counts; this only shows it, and
// looks again a moment after the end.
for (const part of document.querySelectorAll("[data-countdown]")) {
  const end = performance.now() + Number(part.dataset.countdown) * 1000;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    if (part.dataset.countdownText) {
      part.textContent = part.dataset.countdownText.replace("{}", left);
    }
    for (const bar of document.querySelectorAll("progress")) bar.value = left;
    if (left > 0) setTimeout(show, 250);
    else setTimeout(() => location.assign(location.pathname), AFTER_END_MS);
  };
  show();
}

// A text may come from a file: the script puts it into the field, the form sends the field.
for (const row of document.querySelectorAll("[data-file]")) {
  row.hidden = false;
  const picker = row.querySelector("input");
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (file) element(row.dataset.file).value = await file.text();
    picker.value = "";
  });
}

// A menu closes with Escape and with a click beside it. Those of a list come and go with it.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Whether replacing a part would disturb somebody who is selecting text in it.
function isBeingSelected(part) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && selection.containsNode(part, true);
}

function replacePart(part) {
  const old = element(part.id);
  if (!old || sent.get(part.id) === part.outerHTML || isBeingSelected(old)) return;
  if (part.dataset.kind === "form") {
    // A form that somebody may be filling in stays; only the whole page has one that is not there.
    if (old.dataset.kind !== "form") location.assign(location.pathname);
    return;
  }
  sent.set(part.id, part.outerHTML);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(part);
  showCopyButtons(part);
  if (focused) element(focused)?.focus({ preventScroll: true });
}

// What is said aloud when it changes.
function headlines() {
  const parts = document.querySelectorAll("#h-summary, [data-announce]");
  return [...parts].map((part) => part.textContent).join(". ");
}

async function refresh(path) {
  const stale = element("stale");
  try {
    const answer = await ask(path);
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      location.assign("/");
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const fragment = document.createElement("template");
    fragment.innerHTML = await answer.text();
    const before = headlines();
    for (const part of [...fragment.content.children]) replacePart(part);
    stale.hidden = true;
    if (headlines() !== before) announce(headlines());
  } catch {
    stale.hidden = false;
  }
}

// The page stays fresh while somebody can see it.
const page = document.querySelector("[data-refresh]");
if (page) {
  let timer = 0;
  const pause = () => (page.querySelector("[data-busy]") ? BUSY_REFRESH_MS : REFRESH_MS);
  const later = (delay) => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(async () => {
      await refresh(page.dataset.refresh);
      later(pause());
    }, delay);
  };
  document.addEventListener("visibilitychange", () => later(0));
  later(pause());
  // What takes a while after a form is sent: its answer replaces the page, which until then shows
  // how far it is.
  for (const form of page.querySelectorAll("[data-under-way]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      form.dataset.busy = "";
      announce(form.dataset.underWay);
      // A button that is not enabled any more would not be sent.
      setTimeout(() => {
        button.disabled = true;
        button.textContent = form.dataset.underWay;
      });
      later(0);
    });
  }
}

// After a restart, go on as soon as the appliance has been away and answers again.
const waiting = document.querySelector("[data-return]");
if (waiting) {
  waiting.querySelector("[data-without-script]").hidden = true;
  waiting.querySelector("[data-with-script]").hidden = false;
  const start = performance.now();
  let wasAway = false;
  const look = async () => {
    try {
      await ask(waiting.dataset.return);
      if (wasAway || performance.now() - start > SHUTDOWN_MS) {
        location.assign(waiting.dataset.return);
        return;
      }
    } catch {
      wasAway = true;
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}

// A file that takes a while to be made: says how far it is. Without script the browser shows it.
for (const form of document.querySelectorAll("[data-download]")) {
  const state = form.querySelector("[data-download-state]");
  const button = form.querySelector("button");
  const bar = state.querySelector("progress");
  const show = (text, tone, icon) => {
    state.querySelector("p").className = `state ${tone}`;
    state.querySelector("use").setAttribute("href", `#i-${icon}`);
    state.querySelector("span").textContent = text;
    announce(text);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    button.disabled = true;
    state.hidden = bar.hidden = false;
    bar.removeAttribute("value");
    show(form.dataset.making, "is-info", "busy");
    try {
      const answer = await fetch(form.action, { method: "POST", body, cache: "no-store" });
      if (answer.redirected) {
        location.assign("/");
        return;
      }
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
      if (!name) {
        const text = await answer.text();
        const said = new DOMParser().parseFromString(text, "text/html");
        const problem = said.querySelector("[role=alert]") ?? said.querySelector("h1");
        throw new Error(problem?.textContent.trim());
      }
      show(form.dataset.receiving, "is-info", "busy");
      bar.max = Number(answer.headers.get("Content-Length")) || 1;
      const parts = [];
      let count = 0;
      for (const reader = answer.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        count += value.length;
        bar.value = count;
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts, { type: "application/zip" }));
      link.download = name[1];
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      show(form.dataset.done, "is-ok", "ok");
    } catch (error) {
      const text = error instanceof TypeError ? "" : error.message;
      show(text || form.dataset.lost, "is-bad", "bad");
    }
    bar.hidden = true;
    button.disabled = false;
  });
}
