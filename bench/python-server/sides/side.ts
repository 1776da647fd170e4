import { waitForPing } from "../../servers/wait-for-ping.ts";
import type { Started } from "./start-process.ts";

export type SideName = "python" | "embedded" | "postgres";

/** A server that runs, with a user and a compute identity that may see everything. */
export interface Side {
  readonly name: SideName;
  /** For people: what runs. */
  readonly description: string;
  readonly userUrl: string;
  readonly computeUrl: string;
  readonly identities: { readonly user: Identity; readonly compute: Identity };
  /** Seconds from the start of the first process until both APIs answered `/ping`: of all that must run, and of the APIs when their stores run already. */
  readonly startUp: { readonly all: number; readonly apis: number };
  /** Bytes, by part of the server; the S3 server is none. Pages that processes share are counted once. */
  memory(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface Identity {
  readonly identifier: string;
  readonly key: string;
}

export const identities: Side["identities"] = {
  user: { identifier: "bench-user", key: "bench-user-key" },
  compute: { identifier: "bench-compute", key: "bench-compute-key" },
};

const patienceMs = 120_000;

/** Seconds from now until all answer. Throws when a process ends before. */
export async function answering(urls: readonly string[], processes: readonly Started[]): Promise<number> {
  const begun = performance.now();
  const signal = AbortSignal.timeout(patienceMs);
  await Promise.race([Promise.all(urls.map((url) => waitForPing(url, { signal }))), ...processes.map(({ ended }) => ended)]);
  return (performance.now() - begun) / 1000;
}
