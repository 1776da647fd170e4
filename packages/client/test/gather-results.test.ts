import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResultMissing } from "../src/index.ts";
import { type Gathered, gatherResults } from "../src/node/index.ts";
import { LiveApi, type StoredResult } from "./live-api.ts";

const count = 60;
const size = 2 ** 20;
let api: LiveApi;
let stored: StoredResult[];
let folder: string;
beforeAll(async () => {
  api = await LiveApi.start();
  stored = await api.storeResults(count, size, 10);
  folder = await mkdtemp(join(tmpdir(), "alchemiscale-gather-"));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function gathering(directory: string) {
  const script = fileURLToPath(new URL("./gather-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script, api.url, api.network, directory], { stdio: ["ignore", "pipe", "inherit"] });
  return { child, lines: createInterface({ input: child.stdout }) };
}

/** Path → time and size of each file. */
async function filesIn(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, size } = await stat(path);
    files.set(path, `${mtimeMs} ${size}`);
  }
  return files;
}

test("what kill -9 has interrupted goes on where it was, in bounded memory", { timeout: 60_000 }, async () => {
  const directory = join(folder, "killed");
  const first = gathering(directory);
  for await (const line of first.lines) {
    if (Number(line.split(" ")[0]) < 25) continue;
    first.child.kill("SIGKILL");
    break;
  }
  await once(first.child, "close");
  const before = await filesIn(directory);
  const whole = [...before.keys()].filter((path) => path.endsWith(".zst"));
  expect(whole.length).toBeGreaterThanOrEqual(25);
  expect(whole.length).toBeLessThan(count);

  const second = gathering(directory);
  let last = "";
  for await (const line of second.lines) last = line;
  const gathered = JSON.parse(last) as Gathered & { readonly rss: number };
  expect(gathered).toMatchObject({ written: count - whole.length, present: whole.length, missing: 0 });
  expect(gathered.rss).toBeLessThan(300 * 2 ** 20);
  const after = await filesIn(directory);
  for (const path of whole) expect(after.get(path)).toBe(before.get(path));
  expect([...after.keys()].filter((path) => path.endsWith(".part"))).toEqual([]);
  await expectAll(directory);
});

test("those whose bytes the server has lost are told, and the others come", async () => {
  const lost = await api.storeResults(1, 100);
  const victim = (await readdir(join(api.objects, "results"))).find((name) => name === String(count + lost.length));
  await rm(join(api.objects, "results", victim ?? "none"));
  const told: ResultMissing[] = [];
  const directory = join(folder, "lost");
  const gathered = await gatherResults(api.client(), api.network, directory, { onMissing: (missing) => told.push(missing) });
  expect(gathered).toMatchObject({ written: count, present: 0, missing: 1, bytes: count * size });
  expect(told.map(({ facts }) => facts.task)).toEqual([lost[0]?.task]);
  await expect(gatherResults(api.client(), api.network, directory)).rejects.toThrow(ResultMissing);
  await expectAll(directory);
});

async function expectAll(directory: string): Promise<void> {
  const found: Buffer[] = [];
  for (const path of (await filesIn(directory)).keys()) if (path.endsWith(".zst")) found.push(await readFile(path));
  expect(found.sort(Buffer.compare).every((bytes, i) => bytes.equals(sorted()[i] ?? Buffer.alloc(0)))).toBe(true);
  expect(found).toHaveLength(count);
}

function sorted(): Uint8Array[] {
  return stored.map(({ bytes }) => bytes).sort(Buffer.compare);
}
