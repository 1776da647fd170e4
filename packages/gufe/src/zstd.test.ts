import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ZstdError } from "./errors.ts";
import { compressZstd, decompressZstd, nodeZstd, ZstdFrameScanner, zstdContentSize } from "./zstd.ts";

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** Frames that Python wrote; the first without a content size. */
const withoutSize = latin1(
  "(\u00b5/\u00fd\u0000\u0000%\u0001\u0000\u00e8no content size in this frame\u0001\u0000\u0011\u0098\u0094\u0013",
);
const twoFrames = latin1("(\u00b5/\u00fd \u0005)\u0000\u0000first(\u00b5/\u00fd \u00061\u0000\u0000second");
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const code = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof ZstdError) return error.code;
    throw error;
  }
  return undefined;
};

describe("zstd frames", () => {
  test("come back, and state their content size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), fc.integer({ min: 1, max: 9 }), (bytes, level) => {
        const frame = compressZstd(bytes, level);
        expect(zstdContentSize(frame)).toBe(BigInt(bytes.length));
        expect(Buffer.compare(decompressZstd(frame, { maxBytes: bytes.length }), bytes)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test.each([0, 1, 255, 256, 65_791, 65_792, 100_000])("state a content of %i bytes", (length) => {
    expect(zstdContentSize(compressZstd(new Uint8Array(length)))).toBe(BigInt(length));
  });

  test("without a content size are read", () => {
    expect(zstdContentSize(withoutSize)).toBeNull();
    expect(text(decompressZstd(withoutSize, { maxBytes: 116 }))).toBe("no content size in this frame".repeat(4));
    expect(code(() => decompressZstd(withoutSize, { maxBytes: 115 }))).toBe("too-large");
  });

  test("of other data are told apart", () => {
    expect(zstdContentSize(new Uint8Array(0))).toBeUndefined();
    expect(zstdContentSize(latin1("[]"))).toBeUndefined();
    expect(code(() => decompressZstd(latin1("[]"), { maxBytes: 100 }))).toBe("not-zstd");
  });

  test("cut short anywhere are refused", () => {
    const frame = compressZstd(latin1("a few words, a few words, a few words"));
    for (let length = 0; length < frame.length; length++) {
      expect(code(() => decompressZstd(frame.subarray(0, length), { maxBytes: 1000 }))).toMatch(/not-zstd|truncated|corrupt/);
    }
  });

  test("followed by anything are refused, but for the codec, which reads the first as Python does", () => {
    expect(code(() => decompressZstd(twoFrames, { maxBytes: 1000 }))).toBe("trailing-bytes");
    expect(text(nodeZstd().decompress(twoFrames))).toBe("first");
  });

  test("are followed through chunks of any size to their end", () => {
    const chunks = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300_000 }), chunks, fc.uint8Array({ maxLength: 3 }), (bytes, sizes, trailing) => {
        const frame = compressZstd(bytes);
        const whole = new Uint8Array([...frame, ...trailing]);
        const scanner = new ZstdFrameScanner();
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length] as number;
          scanner.write(whole.subarray(at, at + size));
          at += size;
        }
        expect(scanner).toMatchObject({ isDone: true, frameLength: frame.length, contentSize: BigInt(bytes.length) });
        expect(code(() => scanner.end())).toBe(trailing.length > 0 ? "trailing-bytes" : undefined);
      }),
      { numRuns: 30 },
    );
  });

  test("of Python, with and without checksum, end where they should", () => {
    const checksummed = latin1(
      "(\u00b5/\u00fd$l\u001d\u0001\u0000\u00e0checksum and level nineteenc\u0001\u0000\u00b4\u00a3\u00d3\t#\u00ae\u009dQ",
    );
    expect(text(decompressZstd(checksummed, { maxBytes: 1000 }))).toMatch(/^checksum and level nineteen/);
    const zeros = compressZstd(new Uint8Array(1_000_000));
    expect(decompressZstd(zeros, { maxBytes: 1_000_000 }).length).toBe(1_000_000);
  });

  test("that are damaged are refused", () => {
    const frame = compressZstd(new Uint8Array(5000).map((_, i) => (i * i) % 251));
    frame[20] = (frame[20] as number) ^ 0xff;
    frame[21] = (frame[21] as number) ^ 0xff;
    const outcome = code(() => decompressZstd(frame, { maxBytes: 10_000 }));
    expect([undefined, "corrupt", "truncated", "trailing-bytes"]).toContain(outcome);
    expect(
      code(() => decompressZstd(latin1("(\u00b5/\u00fd \u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"), { maxBytes: 1e6 })),
    ).toBe("corrupt");
  });

  test("that are bombs are refused before and while they unfold", () => {
    const bomb = compressZstd(new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    expect(code(() => decompressZstd(bomb, { maxBytes: 1_000_000 }))).toBe("too-large");
    const withoutItsSize = Uint8Array.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x00,
      0x88,
      ...Array(20).fill([0x02, 0x00, 0x10, 0x41]).flat(),
    ]);
    expect(zstdContentSize(withoutItsSize)).toBeNull();
    expect(code(() => decompressZstd(withoutItsSize, { maxBytes: 1000 }))).toMatch(/too-large|truncated/);
  });
});
