import { gunzipSync } from "node:zlib";
import fastify from "fastify";
import { afterAll, expect, test } from "vitest";
import { JsonStream, sendJson } from "./json-reply.ts";

const app = fastify();
let pieces: JsonStream["pieces"] = [];
let expected = 0;
let released = Promise.withResolvers<void>();
app.get("/", (request, reply) => sendJson(request, reply, new JsonStream(pieces, expected, { release: released.resolve })));
afterAll(() => app.close());

async function answered(given: JsonStream["pieces"], bytes: number, encoding: string) {
  [pieces, expected, released] = [given, bytes, Promise.withResolvers()];
  const reply = await app.inject({ url: "/", headers: { "accept-encoding": encoding } });
  await released.promise;
  const gzipped = reply.headers["content-encoding"] === "gzip";
  const text = (gzipped ? gunzipSync(reply.rawPayload) : reply.rawPayload).toString();
  return { status: reply.statusCode, gzipped, text, length: reply.headers["content-length"] };
}

const some = JSON.stringify("é".repeat(2000));
const much = JSON.stringify("é".repeat(200_000));

test.each([
  ["few pieces go out whole", [some], 4002, true],
  ["an asynchronous source too", inTurn(["[", some, "]"]), 4000, true],
  ["what comes to more than was expected goes out in a stream", ["[", much, ",", much, "]"], 10, false],
  ["and what is large", [much], 400_002, false],
])("%s, with the same characters, gzipped or not", async (_, given, bytes, isWhole) => {
  const all = Buffer.concat((await Array.fromAsync(given)).map((piece) => Buffer.from(piece))).toString();
  for (const encoding of ["identity", "gzip"]) {
    const { text, length, gzipped } = await answered(Array.isArray(given) ? given : inTurn(["[", some, "]"]), bytes, encoding);
    expect(text === all).toBe(true);
    expect(gzipped).toBe(encoding === "gzip" && bytes >= 1000);
    expect(length !== undefined).toBe(isWhole);
  }
});

test("what fails before anything was sent is an answer, and lets go of its source", async () => {
  const failing = (async function* () {
    yield "[";
    throw new Error("the source is gone");
  })();
  expect((await answered(failing, 10, "gzip")).status).toBe(500);
});

async function* inTurn(texts: readonly string[]): AsyncGenerator<string | Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
