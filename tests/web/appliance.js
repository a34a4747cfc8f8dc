// A fresh appliance in QEMU for one file of tests.

import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where screenshots go. */
export const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

/**
 * Boots the built image and waits until its administration page answers.
 *
 * @returns {Promise<{url: string, sha1: string, sha256: string, screen: string, stop: () => Promise<void>}>}
 */
export async function start() {
  const { program, ended, description } = await run("serve");
  return { ...description, stop: () => stop(program, ended) };
}

/**
 * Boots the built image beside a domain controller, in a network namespace: only programs that run
 * there reach it.
 *
 * @returns {Promise<{url: string, namespace: string, domain: string, dns: string, user: string,
 *   password: string, deleteAccount: (name: string) => Promise<void>, stop: () => Promise<void>}>}
 */
export async function startWithDomain() {
  const { program, lines, ended, description } = await run("serve-domain");
  return {
    ...description,
    async deleteAccount(name) {
      program.stdin.write(`delete ${name}\n`);
      const { deleted, error } = JSON.parse(await nextLine(lines, ended));
      if (deleted !== name) {
        throw new Error(`${name} is not deleted: ${error}`);
      }
    },
    stop: () => stop(program, ended),
  };
}

/**
 * Boots the built image beside a control plane and two proxies, in a network namespace: only programs
 * that run there reach them.
 *
 * @returns {Promise<{url: string, namespace: string,
 *   cloud: {address: string, url: string, user: string, password: string, rootCa: string},
 *   proxy: {location: string, user: string, password: string},
 *   interceptor: {location: string, rootCa: string}, stop: () => Promise<void>}>}
 */
export async function startWithCloud() {
  const { program, ended, description } = await run("serve-cloud");
  return { ...description, stop: () => stop(program, ended) };
}

/** Starts the program that boots the image, and gives what it says when the page answers. */
async function run(verb) {
  const command = ["build", "--quiet", "--workspace", "--bin", "appliance", "--bin", "cloud"];
  execFileSync("cargo", command, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const stdio = ["pipe", "pipe", "inherit"];
  const program = spawn("target/debug/appliance", [verb], { cwd: ROOT, stdio });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  const lines = createInterface({ input: program.stdout });
  const description = JSON.parse(await nextLine(lines, ended));
  return { program, lines, ended, description };
}

function nextLine(lines, ended) {
  return Promise.race([
    new Promise((resolve) => lines.once("line", resolve)),
    ended.then((code) => {
      throw new Error(`the appliance has ended (exit code ${code})`);
    }),
  ]);
}

async function stop(program, ended) {
  // The machine lives as long as the program's input.
  program.stdin.end();
  await ended;
}

/**
 * Creates the password over REST, for tests that begin with an appliance in use.
 *
 * @param {import("playwright-core").APIRequestContext} request
 * @param {string} url
 * @param {string} password
 */
export async function createPassword(request, url, password) {
  const answer = await request.post(`${url}/credentials`, {
    data: { username: "admin", password },
  });
  if (!answer.ok()) {
    throw new Error(`no password was created: ${answer.status()} ${await answer.text()}`);
  }
}

/**
 * The same from a page, for a browser in another network namespace than this program.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {string} password
 */
export async function createPasswordOnPage(page, url, password) {
  await page.goto(url);
  const status = await page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/credentials", { method: "POST", headers, body })).status;
  }, JSON.stringify({ username: "admin", password }));
  if (status >= 300) {
    throw new Error(`no password was created: ${status}`);
  }
}
