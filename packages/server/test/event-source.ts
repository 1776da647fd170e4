/** A reader of server-sent events over fetch. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export class EventSourceReader {
  /** As a browser would keep it. */
  lastId = "";
  /** Of the stream: it ended, or was cut. */
  readonly ended: Promise<void>;
  readonly received: ReceivedEvent[] = [];
  #wake: (() => void) | undefined;

  constructor(reply: Response) {
    this.ended = this.#read(reply);
  }

  /** Resolved when `count` events have come in all. */
  async until(count: number): Promise<readonly ReceivedEvent[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.received;
  }

  async #read(reply: Response): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of reply.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // Cut: the same to whoever reads.
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    this.lastId = fields.get("id") ?? this.lastId;
    const data = fields.get("data");
    if (data !== undefined) {
      this.received.push({
        id: this.lastId,
        event: fields.get("event") ?? "message",
        data: JSON.parse(data) as Record<string, unknown>,
      });
    }
    this.#wake?.();
  }
}
