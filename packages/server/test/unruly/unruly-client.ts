/** A client that sends and reads as badly as it is told to, over a connection of its own. */
import { connect } from "node:net";

/** How a client behaves with the bytes of its requests, and with the answers. */
export interface Manners {
  /** What part of the bytes it sends, 1 = all. */
  readonly sends: number;
  /** In so many pieces, a turn of the event loop apart. */
  readonly pieces: number;
  /** Bytes of the answers after which it leaves; 0: it reads nothing at all. */
  readonly reads: number;
  /** Milliseconds after its last piece in which it leaves, whatever it has read. */
  readonly stays: number;
  readonly leaves: "with an end" | "by a reset" | "half";
}

/** Resolved when the connection is gone. A client that leaves half says that it sends no more, reads on, and goes a little later. */
export function misbehave(address: string, bytes: Buffer, manners: Manners): Promise<void> {
  const { sends, pieces, reads, stays, leaves } = manners;
  const sent = bytes.subarray(0, Math.ceil(bytes.length * sends));
  const pieceBytes = Math.max(1, Math.ceil(sent.length / pieces));
  return new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    let timer: NodeJS.Timeout | undefined;
    const leave = (): void => {
      clearTimeout(timer);
      if (leaves === "by a reset") socket.resetAndDestroy();
      else if (leaves === "with an end") socket.destroy();
      else {
        socket.end();
        timer = setTimeout(() => socket.destroy(), stays);
      }
    };
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    // The server ended it, and nothing more is coming.
    socket.on("end", () => socket.destroy());
    if (reads > 0) {
      let read = 0;
      socket.on("data", (chunk) => {
        read += chunk.length;
        if (read >= reads) leave();
      });
    }
    const send = (from: number): void => {
      if (socket.destroyed) return;
      socket.write(sent.subarray(from, from + pieceBytes));
      if (from + pieceBytes < sent.length) setImmediate(send, from + pieceBytes);
      else timer = setTimeout(leave, stays);
    };
    socket.once("connect", () => send(0));
  });
}
