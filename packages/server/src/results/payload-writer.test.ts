import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PayloadWriter } from "./payload-writer.ts";

/** Begins as a frame does that states no content size. */
const withoutSize = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...new Uint8Array(20)]);

function openSpools(): string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.includes("alchemiscale-") && link.includes(".spool"));
}

describe.runIf(process.platform === "linux")("a payload that is given up leaves no file open", () => {
  test("while the file is being opened", async () => {
    const writer = new PayloadWriter(async () => {});
    const writing = writer.write(withoutSize).catch(() => {});
    await writer.discard();
    await writing;
    expect(openSpools()).toEqual([]);
  });

  test("before the chunk comes that it would be opened for", async () => {
    const written: Uint8Array[] = [];
    const writer = new PayloadWriter(async (chunk) => void written.push(chunk));
    await writer.write(withoutSize.subarray(0, 5));
    await writer.discard();
    await writer.write(withoutSize.subarray(5));
    expect(openSpools()).toEqual([]);
    expect(written).toEqual([]);
  });

  test("with what is in it", async () => {
    const writer = new PayloadWriter(async () => {});
    await writer.write(withoutSize);
    expect(openSpools().length).toBe(1);
    await writer.write(withoutSize);
    await writer.discard();
    expect(openSpools()).toEqual([]);
  });
});
