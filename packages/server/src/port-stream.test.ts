import { setImmediate } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { OutgoingStream, receiveChunks, StreamCut, sendChunks } from "./port-stream.ts";

async function* chunks(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const [i, size] of sizes.entries()) yield new Uint8Array(size).fill(i);
}

describe("a stream over a port", () => {
  test.each([[[]], [[0]], [[1, 2, 3]], [Array<number>(50).fill(100_000)]])("arrives whole and in order", async (sizes) => {
    const { port1, port2 } = new MessageChannel();
    const sending = sendChunks(chunks(sizes), port1);
    const received: number[] = [];
    for await (const chunk of receiveChunks(port2)) {
      expect(chunk.every((byte) => byte === received.length)).toBe(true);
      received.push(chunk.length);
    }
    await sending;
    expect(received).toEqual(sizes);
  });

  test("does not run ahead of its reader", async () => {
    const { port1, port2 } = new MessageChannel();
    let produced = 0;
    async function* endless() {
      for (;;) {
        produced += 100_000;
        yield new Uint8Array(100_000);
      }
    }
    const sending = sendChunks(endless(), port1);
    const reader = receiveChunks(port2);
    await reader.next();
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    expect(produced).toBeLessThan(2_000_000);
    await reader.return(undefined);
    await expect(sending).rejects.toThrow(StreamCut);
  });

  test("that its source breaks off is broken for the reader", async () => {
    const { port1, port2 } = new MessageChannel();
    async function* broken() {
      yield new Uint8Array(1);
      throw new Error("the client went away");
    }
    const sending = sendChunks(broken(), port1);
    const reading = (async () => {
      for await (const _ of receiveChunks(port2));
    })();
    await expect(sending).rejects.toThrow("the client went away");
    await expect(reading).rejects.toThrow(StreamCut);
  });

  test("whose reader is gone refuses more", async () => {
    const { port1, port2 } = new MessageChannel();
    const outgoing = new OutgoingStream(port1);
    await outgoing.write(new Uint8Array(1));
    port2.close();
    await expect(outgoing.drained()).rejects.toThrow(StreamCut);
    await expect(outgoing.write(new Uint8Array(1))).rejects.toThrow(StreamCut);
  });
});
