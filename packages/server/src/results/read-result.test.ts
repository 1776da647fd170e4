import { readFileSync } from "node:fs";
import { createZstdCompress, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { zstdContentSize } from "@alchemiscale/gufe/zstd";
import { describe, expect, test } from "vitest";
import { HttpError } from "../transport/http-error.ts";
import { readResult } from "./read-result.ts";

/** A posted result as a Python client sent it. */
const posted = readFileSync(
  new URL(
    "../../test/fixtures/http-scenarios/files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json",
    import.meta.url,
  ),
);
const limit = 2 ** 30;

function bodyOf(bytes: Uint8Array, service: unknown = "worker-1", extra: object = {}): Buffer {
  const latin1 = Buffer.from(bytes).toString("latin1");
  return Buffer.from(JSON.stringify({ ...extra, protocoldagresult: { "latin-1": latin1 }, compute_service_id: service }));
}

const outer = Buffer.from(
  (JSON.parse(posted.toString()) as { protocoldagresult: { "latin-1": string } }).protocoldagresult["latin-1"],
  "latin1",
);
const payload = zstdDecompressSync(outer);
const chainText = zstdDecompressSync(payload);

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: Uint8Array, options: { gzipped?: boolean; maxBytes?: number; chunk?: number } = {}) {
  const written: Uint8Array[] = [];
  const { gzipped = false, maxBytes = limit, chunk = 65_536 } = options;
  const facts = await readResult(inChunks(body, chunk), { gzipped, maxBytes }, async (bytes) => {
    written.push(bytes);
  });
  return { facts, written: Buffer.concat(written) };
}

function unsized(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const stream = createZstdCompress();
    stream
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", () => resolve(Buffer.concat(chunks)))
      .on("error", reject);
    // Two writes, so that the encoder cannot know the size at its start.
    stream.write(bytes.subarray(0, 10));
    stream.end(bytes.subarray(10));
  });
}

describe("a posted result", () => {
  test.each([1, 7, 1000, 1_000_000])(
    "is read in chunks of %i bytes; the payload is the inner frame, unchanged",
    async (chunk) => {
      const { facts, written } = await read(posted, { chunk });
      expect(written.equals(payload)).toBe(true);
      expect(facts.summary.qualname).toBe("ProtocolDAGResult");
      expect(facts.summary.ok).toBe(true);
      expect(facts.service).toMatch(/^worker-|^None$/);
    },
  );

  test("may come gzipped", async () => {
    const { written } = await read(gzipSync(posted), { gzipped: true });
    expect(written.equals(payload)).toBe(true);
  });

  test("may have its members in any order, and others", async () => {
    const body = Buffer.from(
      `{"compute_service_id": "a-b", "more": [1, {"latin-1": "x"}], "protocoldagresult": {"x": {"latin-1": 1}, "latin-1": ${JSON.stringify(outer.toString("latin1"))}}}`,
    );
    const { facts, written } = await read(body);
    expect(facts.service).toBe("a-b");
    expect(written.equals(payload)).toBe(true);
  });

  test("compressed only once is the payload itself", async () => {
    const { facts, written } = await read(bodyOf(payload));
    expect(facts.summary.ok).toBe(true);
    expect(written.equals(payload)).toBe(true);
  });

  test.each(["once", "twice"])("whose frame (compressed %s) states no size gets one that does", async (times) => {
    const bare = await unsized(chainText);
    expect(zstdContentSize(bare)).toBe(null);
    const { facts, written } = await read(bodyOf(times === "once" ? bare : zstdCompressSync(bare)));
    expect(facts.summary.ok).toBe(true);
    expect(zstdContentSize(written)).toBe(BigInt(chainText.length));
    expect(zstdDecompressSync(written).equals(chainText)).toBe(true);
  });
});

describe("refused, with a status", () => {
  const refusals: [string, Uint8Array, number, { gzipped?: boolean; maxBytes?: number }?][] = [
    ["no JSON", Buffer.from("{"), 422],
    ["an empty body", Buffer.from(""), 422],
    ["a list", Buffer.from("[]"), 422],
    ["no members", Buffer.from("{}"), 422],
    ["a text for the result", Buffer.from('{"protocoldagresult": "abc", "compute_service_id": "None"}'), 422],
    ["null for the result", Buffer.from('{"protocoldagresult": null, "compute_service_id": "None"}'), 422],
    ["no service", Buffer.from(`{"protocoldagresult": {"latin-1": ${JSON.stringify(outer.toString("latin1"))}}}`), 422],
    ["a number for the service", bodyOf(outer, 5), 422],
    ["bytes that are no zstd", bodyOf(Buffer.from("nothing of the kind")), 422],
    ["a frame that is cut short", bodyOf(outer.subarray(0, outer.length - 5)), 422],
    ["other bytes behind the frame", bodyOf(Buffer.concat([outer, Buffer.from("more")])), 422],
    ["other bytes behind the payload", bodyOf(zstdCompressSync(Buffer.concat([payload, Buffer.from("more")]))), 422],
    ["two payload frames in a row", bodyOf(zstdCompressSync(Buffer.concat([payload, zstdCompressSync(Buffer.from(" "))]))), 422],
    ["a payload that is no chain", bodyOf(zstdCompressSync(zstdCompressSync(Buffer.from('{"a": 1}')))), 422],
    ["characters above U+00FF", Buffer.from('{"protocoldagresult": {"latin-1": "\\u0100"}, "compute_service_id": "x"}'), 422],
    ["gzip that is none", Buffer.from("not gzip"), 400, { gzipped: true }],
    ["gzip that is cut short", gzipSync(posted).subarray(0, 900), 400, { gzipped: true }],
    ["a body above the limit", posted, 413, { maxBytes: 1000 }],
    [
      "gzip that unpacks beyond the limit",
      gzipSync(Buffer.from(" ".repeat(1_000_000))),
      413,
      { gzipped: true, maxBytes: 10_000 },
    ],
    [
      "an outer frame that unpacks beyond the limit",
      bodyOf(zstdCompressSync(Buffer.alloc(1_000_000, 65))),
      413,
      { maxBytes: 10_000 },
    ],
    [
      "an inner frame that unpacks beyond the limit",
      bodyOf(zstdCompressSync(zstdCompressSync(Buffer.alloc(1_000_000, 32)))),
      413,
      { maxBytes: 10_000 },
    ],
  ];

  test.each(refusals)("%s", async (_what, body, status, options = {}) => {
    const refusal = await read(body, options).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HttpError);
    expect((refusal as HttpError).status).toBe(status);
  });
});
