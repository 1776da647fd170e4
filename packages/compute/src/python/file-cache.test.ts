import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FileCache } from "./file-cache.ts";

test("what was not asked for longest goes first, and only once there is too much", async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-cache-test-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const cache = new FileCache(directory, 25);
  const written: string[] = [];
  const obtain = (name: string) =>
    cache.obtain(name, async (path) => {
      written.push(name);
      await writeFile(path, name.repeat(10));
    });
  for (const name of ["a", "/", "c", "a"]) await obtain(name);
  await cache.trim();
  expect(["a", "/", "c"].map((name) => cache.has(name))).toEqual([true, false, true]);
  expect(await readdir(directory)).toHaveLength(2);
  expect(await readFile(await obtain("/"), "utf8")).toBe("//////////");
  expect(written).toEqual(["a", "/", "c", "/"]);
});

test("a file that could not be written is not there", async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-cache-test-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const cache = new FileCache(directory, 25);
  const failing = cache.obtain("a", async (path) => {
    await writeFile(path, "half");
    throw new Error("the disk is full");
  });
  await expect(failing).rejects.toThrow("the disk is full");
  expect([cache.has("a"), await readdir(directory)]).toEqual([false, []]);
});
