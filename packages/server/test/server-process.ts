/** Starts a server in a child process, as tests want it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerLimits } from "../src/index.ts";
import type { FromChild, IdentityToAdd, Measured, ToChild } from "./server-child.ts";

export class ServerProcess {
  readonly user: string;
  readonly compute: string;
  readonly #child: ChildProcess;
  readonly #data: string;

  private constructor(child: ChildProcess, data: string, addresses: { user: string; compute: string }) {
    this.#child = child;
    this.#data = data;
    this.user = addresses.user;
    this.compute = addresses.compute;
  }

  /** A server on empty stores, with these identities. */
  static async start(
    options: { readonly identities?: readonly IdentityToAdd[]; readonly limits?: Partial<ServerLimits> } = {},
  ): Promise<ServerProcess> {
    const data = await mkdtemp(join(tmpdir(), "alchemiscale-server-"));
    const child = fork(new URL("./server-child.ts", import.meta.url), {
      env: { ...process.env, DATA: data, LIMITS: JSON.stringify(options.limits ?? {}) },
      execArgv: [],
    });
    try {
      const addresses = (await reply(child)) as { user: string; compute: string };
      const server = new ServerProcess(child, data, addresses);
      if (options.identities !== undefined) await server.#ask({ add: options.identities });
      return server;
    } catch (error) {
      child.kill("SIGKILL");
      await rm(data, { recursive: true, force: true });
      throw error;
    }
  }

  get data(): string {
    return this.#data;
  }

  /** Runs something and tells what the server measured meanwhile. */
  async measured<T>(work: () => Promise<T>): Promise<{ value: T } & Measured> {
    this.#child.send({ measure: "start" } satisfies ToChild);
    const value = await work();
    return { value, ...((await this.#ask({ measure: "stop" })) as Measured) };
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.send({ stop: true } satisfies ToChild);
    await ended;
    await rm(this.#data, { recursive: true, force: true });
  }

  async #ask(message: ToChild): Promise<FromChild> {
    const answer = reply(this.#child);
    this.#child.send(message);
    return await answer;
  }
}

function reply(child: ChildProcess): Promise<FromChild> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the server process ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as FromChild);
    });
  });
}
