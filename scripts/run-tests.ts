/** `npm test`: type check, lint, floors, all tests. Arguments go to Vitest (`npm test -- packages/gufe`). */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { installForCi } from "./install-for-ci.ts";
import { maySkipInCi, skippedLines, type TestSummary } from "./test-summary.ts";

const ci = process.env.CI === "true";
const bin = (name: string): string => `node_modules/.bin/${name}`;

const failures: string[] = [];
const step = (name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void => {
  console.log(`\n── ${name}`);
  const begun = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  const seconds = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  if (status === 0) console.log(`${name}: in order (${seconds})`);
  else {
    failures.push(name);
    console.log(`${name}: FAILED (${seconds})${error === undefined ? "" : `: ${error.message}`}`);
  }
};

const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
console.log(
  `Node ${process.version} (packaged) on ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${memory}${ci ? ", CI=true" : ""}`,
);
if (!existsSync("../shared")) console.log("no ../shared beside this folder: tests on the fixtures there skip themselves");
if (!process.env.ALCHEMISCALE_TEST_PYTHON) {
  console.log(
    "ALCHEMISCALE_TEST_PYTHON is not set (a Python interpreter with gufe): tests that run Python's gufe skip themselves",
  );
}
if (ci) installForCi();

step("types", bin("tsc"), ["--noEmit"]);
step("lint", bin("biome"), ["check", "."]);
step("floors", process.execPath, ["scripts/check-floors.ts"]);
const results = await mkdtemp(join(tmpdir(), "alchemiscale-tests-"));
const summaryFile = join(results, "summary.json");
step("tests", bin("vitest"), ["run", ...process.argv.slice(2)], { ALCHEMISCALE_TEST_SUMMARY: summaryFile });
if (process.env.ALCHEMISCALE_TEST_PYTHON && process.argv.length === 2) {
  step("tests in Python", process.env.ALCHEMISCALE_TEST_PYTHON, ["-m", "pytest", "-q", "python/tests"]);
}

const summary: TestSummary | undefined = existsSync(summaryFile) ? JSON.parse(await readFile(summaryFile, "utf8")) : undefined;
await rm(results, { recursive: true });
console.log("");
for (const line of skippedLines(summary?.skipped ?? [])) console.log(line);
const forbidden = ci ? (summary?.skipped ?? []).filter((test) => !maySkipInCi(test)) : [];
if (forbidden.length > 0) {
  failures.push(`skipped tests (${forbidden.length})`);
  console.log(
    "With CI=true a test may skip itself only for want of ../shared, ALCHEMISCALE_TEST_PYTHON or ALCHEMISCALE_TEST_SCHEMATHESIS (PyPI), named in its title or note. These do not:",
  );
  for (const { file, name } of forbidden) console.log(`  ${file}: ${name}`);
}
if (summary === undefined) console.log("The test runner ended without a summary.");
console.log(failures.length === 0 ? "types, lint, floors and tests are in order" : `NOT in order: ${failures.join(", ")}`);
console.log(`${summary?.passed ?? 0} passed, ${summary?.failed ?? 0} failed, ${summary?.skipped.length ?? 0} skipped`);
process.exitCode = failures.length === 0 ? 0 : 1;
