// A fresh appliance in QEMU for one file of tests.

import { spawn } from "node:child_process";
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
  const command = ["run", "--quiet", "--package", "harness", "--bin", "appliance", "--", "serve"];
  const program = spawn("cargo", command, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  const lines = createInterface({ input: program.stdout });
  const line = await Promise.race([
    new Promise((resolve) => lines.once("line", resolve)),
    ended.then((code) => {
      throw new Error(`the appliance did not start (exit code ${code})`);
    }),
  ]);
  return {
    ...JSON.parse(line),
    async stop() {
      // The machine lives as long as the program's input.
      program.stdin.end();
      await ended;
    },
  };
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
