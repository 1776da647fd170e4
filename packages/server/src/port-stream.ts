/** A stream of bytes between threads, over a message port, that never runs far ahead of its reader. */
import type { MessagePort } from "node:worker_threads";

/** Bytes that may be under way. */
const windowBytes = 1024 ** 2;

/** The other side went away before the end. */
export class StreamCut extends Error {
  override readonly name = "StreamCut";
}

type Message = Uint8Array | { readonly end: true } | { readonly cut: true };

/**
 * Sends chunks; resolved when all are taken by the reader.
 * @throws {StreamCut} where the reader stops early; whatever `source` throws, which cuts the stream for the reader
 */
export async function sendChunks(source: AsyncIterable<Uint8Array>, port: MessagePort): Promise<void> {
  const outgoing = new OutgoingStream(port);
  try {
    for await (const chunk of source) await outgoing.write(chunk);
    outgoing.end();
    await outgoing.drained();
  } catch (error) {
    outgoing.cut();
    throw error;
  } finally {
    port.close();
  }
}

/** The sending end, for a writer that pushes. */
export class OutgoingStream {
  readonly #port: MessagePort;
  #underWay = 0;
  #closed = false;
  #wake: () => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (taken: number) => {
      this.#underWay -= taken;
      this.#wake();
    });
    port.once("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Resolved when the next chunk may come. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#closed) throw new StreamCut("the reader of the stream is gone");
    // A copy that is ours to give away: the chunk may be a part of a shared buffer.
    const copy = new Uint8Array(chunk);
    this.#underWay += copy.length;
    this.#port.postMessage(copy, [copy.buffer]);
    while (this.#underWay > windowBytes) await this.#change();
  }

  end(): void {
    this.#port.postMessage({ end: true } satisfies Message);
  }

  /** Tells the reader that the rest will not come. */
  cut(): void {
    if (!this.#closed) this.#port.postMessage({ cut: true } satisfies Message);
  }

  async drained(): Promise<void> {
    while (this.#underWay > 0) await this.#change();
  }

  /** The next message of the reader, or its end. */
  async #change(): Promise<void> {
    if (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#closed && this.#underWay > 0) throw new StreamCut("the reader of the stream is gone");
  }
}

/**
 * The chunks that come in at a port, in order. Leaving the loop closes the port, which stops the sender.
 * @throws {StreamCut} where the sender broke off
 */
export async function* receiveChunks(port: MessagePort): AsyncGenerator<Uint8Array> {
  const arrived: Message[] = [];
  let wake: (() => void) | undefined;
  port.on("message", (message: Message) => {
    arrived.push(message);
    wake?.();
  });
  port.once("close", () => {
    arrived.push({ cut: true });
    wake?.();
  });
  try {
    for (;;) {
      const message = arrived.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      } else if (message instanceof Uint8Array) {
        yield message;
        port.postMessage(message.length);
      } else if ("end" in message) {
        return;
      } else {
        throw new StreamCut("the sender of the stream broke off");
      }
    }
  } finally {
    port.close();
  }
}
