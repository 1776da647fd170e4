import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { randomNumbers } from "../networks/random-numbers.ts";
import { DiskModel, type Survival, survivals } from "./disk-model.ts";
import type { LogRecord } from "./write-log.ts";

const write = (offset: number, text: string): LogRecord => ({ kind: "write", inode: 1n, offset, data: Buffer.from(text) });
const create: LogRecord = { kind: "create", inode: 1n, path: "/disk/new" };
const flushed: LogRecord = { kind: "sync", inode: 1n, path: "/disk/new" };
const named: LogRecord = { kind: "sync-directory", path: "/disk" };

/** All that may be there after the records: the files, as `name=content`. */
async function outcomes(records: readonly LogRecord[], survival: Survival, tries = 60): Promise<Set<string>> {
  const model = new DiskModel("/disk");
  for (const record of records) model.apply(record);
  const found = new Set<string>();
  for (let seed = 0; seed < tries; seed += 1) {
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-disk-"));
    await model.rebuild(directory, survival, randomNumbers(seed));
    const names = (await readdir(directory)).sort();
    const files = await Promise.all(names.map(async (name) => `${name}=${await readFile(join(directory, name), "latin1")}`));
    found.add(files.join(" "));
    await rm(directory, { recursive: true });
  }
  return found;
}

describe("a disk after a loss of power", () => {
  test.each(survivals)("has what was flushed, name and content (%s of the rest)", async (survival) => {
    expect(await outcomes([create, write(0, "abc"), flushed, named], survival, 5)).toEqual(new Set(["new=abc"]));
  });

  test("may lack a file whose directory was not flushed, or its content where it was not", async () => {
    expect(await outcomes([create, write(0, "abc"), flushed], "nothing", 1)).toEqual(new Set([""]));
    expect(await outcomes([create, write(0, "abc"), named], "nothing", 1)).toEqual(new Set(["new="]));
    expect(await outcomes([create, write(0, "abc"), flushed], "anything")).toEqual(new Set(["", "new=abc"]));
  });

  test("may have a later write without an earlier one, and a write in part", async () => {
    const base = [create, write(0, "a".repeat(1536)), flushed, named];
    const sectors = async (survival: Survival) => {
      const after = await outcomes([...base, write(0, "b".repeat(512)), write(512, "c".repeat(1024))], survival, 200);
      return new Set([...after].map((text) => [4, 516, 1028].map((at) => text[at]).join("")));
    };
    expect(await sectors("anything")).toEqual(new Set(["aaa", "baa", "aca", "aac", "bca", "bac", "acc", "bcc"]));
    expect(await sectors("up to a moment")).toEqual(new Set(["aaa", "baa", "bca", "bac", "bcc"]));
    expect(await sectors("all but one")).toEqual(new Set(["baa", "acc"]));
    expect(await sectors("everything")).toEqual(new Set(["bcc"]));
  });

  test("may have the size of any moment", async () => {
    const shortened = [create, write(0, "abcdef"), flushed, named, { kind: "truncate", inode: 1n, size: 2 } as const];
    const found = await outcomes(shortened, "anything");
    expect(found).toContain("new=ab");
    expect(found).toContain("new=abcdef");
    expect(await outcomes([...shortened, flushed], "anything", 5)).toEqual(new Set(["new=ab"]));
  });

  test("has the old or the new file where one was renamed over another, never none", async () => {
    const renamed = [
      create,
      write(0, "old"),
      flushed,
      named,
      { kind: "create", inode: 2n, path: "/disk/temporary" },
      { kind: "write", inode: 2n, offset: 0, data: Buffer.from("young") },
      { kind: "sync", inode: 2n, path: "/disk/temporary" },
      { kind: "rename", from: "/disk/temporary", to: "/disk/new" },
    ] as const;
    for (const outcome of await outcomes(renamed, "anything")) expect(outcome).toMatch(/new=(old|young)/);
    expect(await outcomes([...renamed, named], "anything", 5)).toEqual(new Set(["new=young"]));
  });
});
