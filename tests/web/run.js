// Runs the tests of a folder: `node run.js FOLDER FILES_AT_ONCE`. A file that fails is run once more, and named.

import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";

/** Runs files; gives how many tests passed, and the tests that failed by file. */
async function runFiles(files, concurrency) {
  const failed = new Map();
  let passed = 0;
  const tests = run({ files, concurrency });
  // A test of a file, not the file or a suite around it.
  const isTest = ({ nesting, name, file, details }) =>
    details.type !== "suite" && !(nesting === 0 && resolve(name) === file);
  tests.on("test:pass", (test) => {
    if (isTest(test) && test.skip === undefined) passed += 1;
  });
  tests.on("test:fail", (test) => {
    const names = failed.get(test.file) ?? [];
    if (isTest(test)) names.push(test.name);
    failed.set(test.file, names);
  });
  for await (const text of tests.compose(new Spec())) process.stdout.write(text);
  return { passed, failed };
}

const [folder, concurrency] = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".test.js"))
  .map((name) => resolve(join(folder, name)));
const first = await runFiles(files, Number(concurrency));
let { passed, failed } = first;
if (failed.size > 0) {
  console.log(`\nonce more: ${[...failed.keys()].map((file) => basename(file)).join(", ")}\n`);
  const second = await runFiles([...failed.keys()], 1);
  failed = second.failed;
  for (const [file, names] of first.failed) {
    if (!failed.has(file)) {
      // Each of them passed the second time.
      passed += names.length;
      console.log(`FLAKY ${basename(file)}: ${names.join("; ")}`);
    }
  }
}
const failures = [...failed.values()].reduce((sum, names) => sum + Math.max(names.length, 1), 0);
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
