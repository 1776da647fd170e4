import { MessageChannel } from "node:worker_threads";
import { packObjects } from "@alchemiscale/gufe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HttpError } from "./transport/http-error.ts";
import { WorkerThreads } from "./worker-threads.ts";

const bytesOf = (text: string) => ({ bytes: Buffer.from(text), strict: false });

const nothing = packObjects([]);

let workers: WorkerThreads;
beforeEach(() => {
  workers = new WorkerThreads(2);
});
afterEach(() => workers.close());

describe("work in threads", () => {
  test("gives its result, also when there is more of it than threads", async () => {
    const body = '{"network": [], "scope": {"org": "o", "campaign": "c", "project": "p"}, "state": "active"}';
    const results = await Promise.all(Array.from({ length: 20 }, () => workers.run("readSubmission", bytesOf(body))));
    for (const result of results) expect(result).toMatchObject({ scope: "o-c-p", content: { ok: false, status: 422 } });
  });

  test("that finds fault with its input keeps status and detail", async () => {
    const refusal = await workers.run("readSubmission", bytesOf("{")).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HttpError);
    expect((refusal as HttpError).status).toBe(422);
    expect((refusal as HttpError).detail).toMatchObject([{ type: "json_invalid" }]);
  });

  test("that fails otherwise fails here, and the thread goes on", async () => {
    await expect(workers.run("mismatchedKeys", packObjects([{ key: "x", text: "nothing" }]))).rejects.toThrow();
    expect(await workers.run("mismatchedKeys", nothing)).toEqual([]);
  });

  test("that takes too much memory fails alone, and the next has a new thread", async () => {
    const narrow = new WorkerThreads(1, { maxOldGenerationSizeMb: 24 });
    // Millions of values from a few megabytes.
    const much = packObjects([{ key: "x", text: `{"a": [${"[],".repeat(3_000_000)}[]]}` }]);
    await expect(narrow.run("mismatchedKeys", much)).rejects.toMatchObject({ code: "ERR_WORKER_OUT_OF_MEMORY" });
    expect(await narrow.run("mismatchedKeys", nothing)).toEqual([]);
    await narrow.close();
  });

  test("that waits for slow senders keeps nobody else waiting, and fails when the threads end", async () => {
    const stalled = Array.from({ length: 10 }, () => {
      const [request, payload] = [new MessageChannel(), new MessageChannel()];
      const input = { request: request.port2, payload: payload.port2, gzipped: false, maxBytes: 1000 };
      const work = workers.run("receiveResult", input, [request.port2, payload.port2]);
      work.catch(() => {});
      return { work, ports: [request.port1, payload.port1] };
    });
    expect(await workers.run("mismatchedKeys", nothing)).toEqual([]);
    // One sender goes away.
    for (const port of stalled[0]?.ports ?? []) port.close();
    await expect(stalled[0]?.work).rejects.toThrow();
    expect(await workers.run("mismatchedKeys", nothing)).toEqual([]);
    await workers.close();
    for (const { work } of stalled) await expect(work).rejects.toThrow();
    await expect(workers.run("mismatchedKeys", nothing)).rejects.toThrow("closing");
  });
});
