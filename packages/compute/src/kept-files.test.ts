import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { collectKeptFiles } from "./kept-files.ts";

async function places() {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-kept-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const shared = join(directory, "shared");
  const attempt = join(shared, "shared_A-1_attempt_0");
  const logs = join(directory, "logs");
  await mkdir(join(attempt, "deep"), { recursive: true });
  await mkdir(logs);
  await writeFile(join(logs, "0000-A-1-attempt-0.stdout"), "said");
  await writeFile(join(logs, "0000-A-1-attempt-0.stderr"), "");
  await writeFile(join(attempt, "a.log"), "log");
  await writeFile(join(attempt, "large.log"), "x".repeat(1000));
  await writeFile(join(attempt, "deep", "b.yaml"), "yaml");
  await writeFile(join(directory, "secret.log"), "secret");
  await symlink(join(directory, "secret.log"), join(attempt, "link.log"));
  await symlink(directory, join(attempt, "out"));
  return { logs, shared, into: join(directory, "into") };
}
const limits = { fileBytes: 100, totalBytes: 1000 };

test("output that is not empty and what the patterns name is kept, as far as it is no link and not too large", async () => {
  const rules = { output: true, files: ["*/*.log", "**/*.yaml", "*/out/*.log", "../*.log"], ...limits };
  const { files, leftOut } = await collectKeptFiles(rules, await places());
  const named = files.map(({ name }) => name);
  expect(named.toSorted()).toEqual([
    "0000-A-1-attempt-0.stdout",
    "shared_A-1_attempt_0/a.log",
    "shared_A-1_attempt_0/deep/b.yaml",
  ]);
  expect(leftOut).toEqual(["shared_A-1_attempt_0/large.log"]);
  const log = files.find(({ name }) => name.endsWith("a.log"));
  expect(await readFile(log?.path ?? "", "utf8")).toBe("log");
});

test("nothing is kept beyond the Task's limit, or where nothing is to be", async () => {
  const at = await places();
  const tight = await collectKeptFiles({ output: true, files: ["*/a.log"], fileBytes: 100, totalBytes: 5 }, at);
  expect(tight.files.map(({ bytes }) => bytes)).toEqual([4]);
  expect(tight.leftOut).toHaveLength(1);
  expect(await collectKeptFiles({ output: false, files: [], ...limits }, at)).toEqual({ files: [], leftOut: [] });
});
