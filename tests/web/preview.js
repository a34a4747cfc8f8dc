// The pages that webui's preview writes, behind a server: every page in every state, without an
// appliance.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
// Of this process alone: test files run beside each other, and one must not write the style sheet while
// another one measures pages.
const PREVIEW = join(ROOT, `target/tmp/webui-preview-${process.pid}`);
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

/**
 * Writes the pages anew and serves them. `page` gives the address of one, with its script or as where
 * script is off. Where a page itself leads, nothing is answered, so that it stays.
 *
 * @returns {Promise<{page: (file: string, script?: boolean) => string, stop: () => void}>}
 */
export async function startPreview() {
  const command = ["build", "--quiet", "--workspace", "--example", "preview"];
  const options = { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("cargo", command, options);
  mkdirSync(PREVIEW, { recursive: true });
  execFileSync("target/debug/examples/preview", [PREVIEW], options);
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    page: (file, script = true) => `${origin}/${file}?${script ? "scripted" : "bare"}`,
    stop: () => {
      server.close();
      rmSync(PREVIEW, { recursive: true, force: true });
    },
  };
}

/** Names of the files of all pages, in both languages. */
export function pages() {
  return readdirSync(PREVIEW).filter((file) => /\.(en|ja)\.html$/.test(file));
}

/**
 * The HTML of a page.
 *
 * @param {string} file
 */
export function html(file) {
  return readFileSync(join(PREVIEW, file), "utf8");
}

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://preview");
  const isPage = searchParams.has("scripted") || searchParams.has("bare");
  if (!isPage && !pathname.startsWith("/assets/")) {
    response.writeHead(204).end();
    return;
  }
  const folder = pathname.startsWith("/assets/") ? join(PREVIEW, "assets") : PREVIEW;
  try {
    let body = readFileSync(join(folder, basename(pathname)));
    if (searchParams.has("bare")) {
      // A page that loads itself again would be gone while it is looked at.
      body = String(body)
        .replace(/<script [^>]*><\/script>/, "")
        .replace(/<meta http-equiv="refresh"[^>]*>/, "")
        .replaceAll(/<\/?noscript>/g, "");
    }
    response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "application/octet-stream");
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
