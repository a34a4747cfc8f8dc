// Optional conveniences. Every page works without this script.
"use strict";

const REFRESH_MS = 10000; // between two looks at the page's state
const ANSWER_MS = 8000; // longest wait for an answer
const SHOWN_MS = 2000; // how long a button says that it has copied

const element = (id) => document.getElementById(id);

function announce(text) {
  element("announcement").textContent = text;
}

// Copy buttons: hidden without script, or where the browser has no clipboard.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(element(button.dataset.copy).textContent.trim());
  announce("");
  announce(button.dataset.copied);
  const shape = button.querySelector("use");
  const before = shape.getAttribute("href");
  if (before === "#i-ok") return;
  shape.setAttribute("href", "#i-ok");
  setTimeout(() => shape.setAttribute("href", before), SHOWN_MS);
});

function showCopyButtons(part) {
  if (!navigator.clipboard) return;
  for (const button of part.querySelectorAll("[data-copy]")) button.hidden = false;
}
showCopyButtons(document);

// A form whose answer takes its time says so meanwhile.
document.addEventListener("submit", (event) => {
  const words = event.target.querySelector("[data-meanwhile]");
  if (!words) return;
  words.hidden = false;
  announce(words.textContent.trim());
});

// A menu closes with Escape and with a click beside it.
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

// Whether replacing a part would disturb somebody who is using it.
function isInUse(part) {
  const selection = document.getSelection();
  const isSelected = selection && !selection.isCollapsed && selection.containsNode(part, true);
  return isSelected || part.contains(document.activeElement) || part.querySelector("details.menu[open]");
}

// What the server sent last for each part: what a person unfolded in it is no news.
const sent = new Map();
for (const part of document.querySelectorAll("[data-live]")) sent.set(part.id, part.outerHTML);

function replacePart(part) {
  const old = element(part.id);
  if (!old || sent.get(part.id) === part.outerHTML || isInUse(old)) return;
  sent.set(part.id, part.outerHTML);
  for (const unfolded of old.querySelectorAll("details[open][id]")) {
    const same = part.querySelector(`#${CSS.escape(unfolded.id)}`);
    if (same) same.open = true;
  }
  old.replaceWith(part);
  showCopyButtons(part);
}

async function refresh() {
  const stale = element("stale");
  try {
    const headers = { "X-Requested-With": "fetch" };
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(location.href, { headers, signal, cache: "no-store", redirect: "manual" });
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of page.querySelectorAll("[data-live]")) replacePart(document.adoptNode(part));
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
}

// The page stays fresh while somebody can see it. The answer to a form is not asked for again: its
// address may be another page's.
const isAnswer = document.querySelector("main [role=alert], main [role=status]") !== null;
if (sent.size > 0 && !isAnswer) {
  let timer = 0;
  const later = (delay) => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(async () => {
      await refresh();
      later(REFRESH_MS);
    }, delay);
  };
  document.addEventListener("visibilitychange", () => later(0));
  later(REFRESH_MS);
}
