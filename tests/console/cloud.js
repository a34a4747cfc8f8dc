// A control plane of its own for one file of tests: the real program with a fresh directory.

import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = "localhost";
/** Seconds that a one-time password is for (RFC 6238). */
const STEP = 30;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Sets a control plane up and serves it on a free port.
 *
 * @param {string} customer
 * @param {string} email of its administrator
 * @returns {Promise<{url: string, customerId: string, password: string, stop: () => Promise<void>}>}
 */
export async function startCloud(customer, email) {
  const program = build();
  const directory = mkdtempSync(join(tmpdir(), "console-test-"));
  const data = ["--data", join(directory, "data")];
  const set = ["set-up", "--customer", customer, "--email", email, ...data];
  const words = execFileSync(program, set, { encoding: "utf8" });
  const listen = ["serve", "--listen", "127.0.0.1:0", "--host", HOST, "--drain", "0", ...data];
  const server = spawn(program, listen, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const stop = async () => {
    server.kill();
    await ended;
    rmSync(directory, { recursive: true });
  };
  try {
    const port = await Promise.race([portOf(server), ended.then(throwEnded)]);
    return {
      url: `https://${HOST}:${port}`,
      customerId: /^customer .*\((.+)\)$/m.exec(words)[1],
      password: /^password +(\S+)$/m.exec(words)[1],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Compiles the program and gives its path. */
function build() {
  const command = ["build", "--quiet", "--workspace", "--bin", "cloud", "--message-format", "json"];
  const stdio = ["ignore", "pipe", "inherit"];
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 30, stdio };
  const messages = execFileSync("cargo", command, options).trim().split("\n");
  return messages
    .map((line) => JSON.parse(line))
    .find(({ executable, target }) => executable && target.name === "cloud").executable;
}

/** The port that the program says it listens on. What it says later is read and forgotten. */
function portOf(server) {
  return new Promise((resolve) => {
    createInterface({ input: server.stderr }).on("line", (line) => {
      const found = / address=\S+:(\d+)/.exec(line);
      if (found) resolve(Number(found[1]));
    });
  });
}

function throwEnded(code) {
  throw new Error(`the control plane has ended (exit code ${code})`);
}

/** An authenticator app (RFC 6238 with SHA-1, 6 digits, 30 seconds). */
export class Authenticator {
  #key;
  #last = 0;

  /** @param {string} key in base32, with or without blanks */
  constructor(key) {
    const bits = [...key.replaceAll(" ", "")]
      .map((character) => BASE32.indexOf(character).toString(2).padStart(5, "0"))
      .join("");
    this.#key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  }

  /** A code that was not used: that of now, or the next one, which is accepted already. */
  code() {
    const now = Math.floor(Date.now() / 1000 / STEP);
    this.#last = Math.max(now, this.#last + 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.#last));
    const hash = createHmac("sha1", this.#key).update(counter).digest();
    const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  }
}
