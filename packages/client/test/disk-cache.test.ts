import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskCache } from "../src/node/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-disk-cache-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const server = "http://127.0.0.1:8000";

async function files(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test("what is kept comes back, in another process and another day; for that server, kind and key only", async () => {
  const bytes = randomBytes(5000);
  await diskCache({ directory }).put(server, "result", "Ref-1", bytes);
  const cache = diskCache({ directory });
  expect(await cache.get(server, "result", "Ref-1")).toEqual(new Uint8Array(bytes));
  expect(await cache.get("http://127.0.0.1:8001", "result", "Ref-1")).toBeUndefined();
  expect(await cache.get(server, "object", "Ref-1")).toBeUndefined();
  expect(await cache.get(server, "result", "Ref-2")).toBeUndefined();
});

test.each([
  ["longer", (path: string) => appendFile(path, "x")],
  ["empty", (path: string) => writeFile(path, "")],
  ["another content", async (path: string) => writeFile(path, randomBytes((await stat(path)).size))],
])("a file that is %s is dropped, told of, and can be kept anew", async (_, damage) => {
  const problems: string[] = [];
  const cache = diskCache({ directory, onProblem: (problem) => problems.push(problem) });
  const bytes = randomBytes(100);
  await cache.put(server, "object", "A", bytes);
  const [path = ""] = await files();
  await damage(path);
  expect(await cache.get(server, "object", "A")).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("kept for A");
  expect(await files()).toEqual([]);
  await cache.put(server, "object", "A", bytes);
  expect(await cache.get(server, "object", "A")).toEqual(new Uint8Array(bytes));
});

test("the least recently used go when it is full, and leftovers of killed processes", async () => {
  const cache = diskCache({ directory, maxBytes: 11_000 });
  for (let i = 0; i < 10; i += 1) {
    await cache.put(server, "result", `R${i}`, randomBytes(1000 - 47));
    // Files of one moment have one age.
    const [path = ""] = await newest();
    await utimes(path, 1000 + i, 1000 + i);
  }
  await writeFile(`${(await files())[0]}.1.part`, "left behind");
  await utimes(`${(await files()).find((path) => path.endsWith(".part"))}`, 1000, 1000);
  expect(await cache.get(server, "result", "R0")).toBeDefined();
  for (const key of ["X", "Y"]) await cache.put(server, "result", key, randomBytes(1000 - 47));
  const there = await Promise.all(
    ["R0", "R1", "R2", "R3", "R9", "X", "Y"].map(async (key) => (await cache.get(server, "result", key)) !== undefined),
  );
  expect(there).toEqual([true, false, false, false, true, true, true]);
  const left = await files();
  expect(left.filter((path) => path.endsWith(".part"))).toEqual([]);
  expect((await Promise.all(left.map((path) => stat(path)))).reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(
    11_000,
  );
});

async function newest(): Promise<string[]> {
  const found = await Promise.all((await files()).map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  return found.sort((a, b) => b.at - a.at).map(({ path }) => path);
}

test("what is larger than the whole is not kept; a size below zero is refused", async () => {
  const cache = diskCache({ directory, maxBytes: 100 });
  await cache.put(server, "result", "R", randomBytes(101));
  expect(await files()).toEqual([]);
  expect(() => diskCache({ directory, maxBytes: -1 })).toThrow(/maxBytes must be/);
});

test("a place that cannot be written to is told of, and no error", async () => {
  const place = join(directory, "a file");
  await writeFile(place, "");
  const problems: string[] = [];
  const cache = diskCache({ directory: place, onProblem: (problem) => problems.push(problem) });
  await cache.put(server, "result", "R", randomBytes(10));
  expect(await cache.get(server, "result", "R")).toBeUndefined();
  expect(problems.length).toBeGreaterThan(0);
});

test("several processes write, read and drop the same things at once, and none reads another's half", {
  timeout: 60_000,
}, async () => {
  const script = fileURLToPath(new URL("./disk-cache-child.ts", import.meta.url));
  const children = [1, 2, 3].map((seed) =>
    spawn(process.execPath, [script, directory, String(seed)], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const ends = await Promise.all(
    children.map(async (child) => {
      const chunks: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      const [code] = await once(child, "close");
      return { code, said: JSON.parse(Buffer.concat(chunks).toString()) as { hits: number; problems: string[] } };
    }),
  );
  for (const { code, said } of ends) {
    expect(code).toBe(0);
    expect(said.problems).toEqual([]);
    expect(said.hits).toBeGreaterThan(10);
  }
});
