/** Loaded into a process and each of its threads by `--import`: ends the threads of a name, when the process is told to by a message. */
import { BroadcastChannel, isMainThread, threadName } from "node:worker_threads";

export interface EndThreads {
  readonly endThreads: string;
  readonly how: "by an exit" | "by an error" | "by its stack";
}

const channel = new BroadcastChannel("ends of threads");
channel.unref();

if (isMainThread) {
  process.on("message", (message) => {
    if (isEnd(message)) channel.postMessage(message);
  });
  process.channel?.unref();
} else {
  channel.onmessage = ({ data }) => {
    if (!isEnd(data) || data.endThreads !== threadName) return;
    if (data.how === "by an exit") process.exit(1);
    if (data.how === "by an error") throw new Error("a thread that was told to fail");
    descend(0);
  };
}

function isEnd(message: unknown): message is EndThreads {
  return typeof message === "object" && message !== null && "endThreads" in message;
}

function descend(depth: number): number {
  return descend(depth + 1) + 1;
}
