// The pages that the gallery of cloud/pages writes, behind a server that sends the product's headers.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
// Of this process alone: test files run beside each other, and one must not write the style sheet while
// another one measures pages.
const GALLERY = join(ROOT, `target/tmp/console-gallery-${process.pid}`);
const ASSETS = "/console/assets/";
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Writes the pages anew and serves them. What a form sends is kept in `posts`, and answered without
 * content so that the page stays. `change` may alter a page before it is sent.
 *
 * @returns {Promise<{page: (file: string) => string, posts: {path: string, body: string}[],
 *   change: {apply?: (html: string) => string}, stop: () => void}>}
 */
export async function startGallery() {
  const command = ["build", "--quiet", "--workspace", "--example", "gallery"];
  mkdirSync(GALLERY, { recursive: true });
  const options = { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("cargo", command, options);
  execFileSync("target/debug/examples/gallery", [GALLERY], options);
  const posts = [];
  const change = {};
  const server = createServer((request, response) => answer(request, response, posts, change));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    page: (file) => `${origin}/${file}`,
    posts,
    change,
    stop: () => {
      server.closeAllConnections();
      server.close();
      rmSync(GALLERY, { recursive: true, force: true });
    },
  };
}

/** Names of the files of all pages, in both languages. */
export function pages() {
  return readdirSync(GALLERY).filter((file) => /\.(en|ja)\.html$/.test(file));
}

/**
 * The HTML of a page.
 *
 * @param {string} file
 */
export function html(file) {
  return readFileSync(join(GALLERY, file), "utf8");
}

async function answer(request, response, posts, change) {
  const { pathname } = new URL(request.url, "http://gallery");
  if (request.method === "POST") {
    let body = "";
    for await (const part of request) body += part;
    posts.push({ path: pathname, body });
    response.writeHead(204).end();
    return;
  }
  const folder = pathname.startsWith(ASSETS) ? join(GALLERY, ASSETS) : GALLERY;
  try {
    let body = readFileSync(join(folder, basename(pathname)));
    if (pathname.endsWith(".html")) body = change.apply?.(String(body)) ?? body;
    response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "application/octet-stream");
    response.setHeader("Content-Security-Policy", POLICY);
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
