import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeObjectStore } from "../../test/object-store-conformance.ts";
import { InvalidObjectPath, ObjectStoreUnavailable, openObjectStore } from "../index.ts";

describeObjectStore("the filesystem store", async () => {
  const directory = await mkdtemp(join(tmpdir(), "objects-"));
  return { open: () => openObjectStore(`file:${directory}`), remove: () => rm(directory, { recursive: true }) };
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "objects-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("an opening removes what a crash left an hour ago, and leaves what another process may be writing", async () => {
  const pending = join(directory, ".pending");
  await mkdir(pending);
  await writeFile(join(pending, "old"), "x");
  await writeFile(join(pending, "young"), "x");
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(join(pending, "old"), longAgo, longAgo);
  const store = await openObjectStore(`file:${directory}`);
  expect(await readdir(pending)).toEqual(["young"]);
  await store.close();
});

test("temporary files are gone after commits, aborts, refusals and closing", async () => {
  const store = await openObjectStore(`file:${directory}`);
  await store.put("a/b", new Uint8Array(10));
  await (await store.begin()).abort();
  await (await store.begin()).commit("a/../c").catch(() => {});
  await store.begin();
  await store.close();
  expect(await readdir(join(directory, ".pending"))).toEqual([]);
});

test("an object cannot lie below another, nor take the place of a folder", async () => {
  const store = await openObjectStore(`file:${directory}`);
  await store.put("a/b", new Uint8Array(1));
  await expect(store.put("a/b/c", new Uint8Array(1))).rejects.toBeInstanceOf(InvalidObjectPath);
  await expect(store.put("a", new Uint8Array(1))).rejects.toBeInstanceOf(InvalidObjectPath);
  await store.close();
});

test("a directory that cannot be one is said at opening", async () => {
  const file = join(directory, "file");
  await writeFile(file, "x");
  await expect(openObjectStore(`file:${file}/objects`)).rejects.toBeInstanceOf(ObjectStoreUnavailable);
});

test("a writer that is killed leaves no half object, and nothing that it acknowledged is lost", async () => {
  const door = new URL("../index.ts", import.meta.url).href;
  const program = `
    import { openObjectStore } from ${JSON.stringify(door)};
    const store = await openObjectStore(process.argv[1]);
    for (let at = 1; ; at += 1) {
      await store.put("object/" + at, Buffer.alloc(2_000_000, at % 256));
      await store.put("again", Buffer.alloc(2_000_000, at % 256));
      console.log(at);
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, `file:${directory}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let acknowledged = 0;
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (acknowledged >= 10) child.kill("SIGKILL");
  }
  await ended;
  const store = await openObjectStore(`file:${directory}`);
  const seen = await Array.fromAsync(store.list("object"));
  expect(seen.length).toBeGreaterThanOrEqual(acknowledged);
  for (const { path, size } of seen) {
    expect(size).toBe(2_000_000);
    const bytes = await readFile(join(directory, path));
    expect(bytes.every((byte) => byte === Number(path.split("/")[1]) % 256)).toBe(true);
  }
  const again = await readFile(join(directory, "again"));
  expect(again.every((byte) => byte === again[0])).toBe(true);
  await store.close();
});
