/** Services as processes of this host. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { computeManagerName } from "@alchemiscale/contract";
import type { Platform, PlatformRequest } from "./platform.ts";

/** Services end in error one after another: there is something that a person must look at. */
export class ServicesFailing extends Error {
  override readonly name = "ServicesFailing";

  constructor(count: number, how: string, logs: string | null) {
    const where = logs === null ? "set service_logs to keep what they say" : `see their output in ${logs}`;
    super(`the last ${count} services ended in error (${how}); ${where}`);
  }
}

export interface LocalOptions {
  /** Program and arguments that start a service of this name for this manager. */
  readonly command: (service: string, manager: string) => readonly [string, ...string[]];
  /** Directory for their output; null = thrown away. */
  readonly logs: string | null;
  /** So many that end in error, one after another, are an error of the manager; 0 = never. */
  readonly maxFailed: number;
  /** Whether they go on when the manager ends. */
  readonly keep: boolean;
  /** Processes of an earlier manager that go on. */
  readonly running?: readonly LocalService[];
}

export interface LocalService {
  readonly name: string;
  readonly pid: number;
}

/** Seconds for services to send what they have and leave, before they are killed. */
const patienceSeconds = 45;

export class LocalPlatform implements Platform {
  readonly #options: LocalOptions;
  readonly #running = new Map<string, { readonly pid: number; readonly ended: Promise<void> | null }>();
  #failed = 0;
  #lastFailure = "";

  constructor(options: LocalOptions) {
    this.#options = options;
    for (const { name, pid } of options.running ?? []) this.#running.set(name, { pid, ended: null });
  }

  /** Processes that run now. */
  get services(): readonly LocalService[] {
    this.#forgetEnded();
    return [...this.#running].map(([name, { pid }]) => ({ name, pid }));
  }

  async active(): Promise<readonly string[]> {
    const { maxFailed, logs } = this.#options;
    if (maxFailed > 0 && this.#failed >= maxFailed) throw new ServicesFailing(this.#failed, this.#lastFailure, logs);
    return this.services.map(({ name }) => name);
  }

  async create({ manager, count }: PlatformRequest): Promise<readonly string[]> {
    const names = Array.from({ length: count }, () => `${computeManagerName(manager)}.${randomUUID().replaceAll("-", "")}`);
    for (const name of names) await this.#start(name, manager);
    return names;
  }

  async close(): Promise<void> {
    if (this.#options.keep) return;
    const own = [...this.#running.values()];
    for (const { pid } of own) signal(pid, "SIGTERM");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, 1000 * patienceSeconds);
    });
    await Promise.race([Promise.all(own.map(({ ended }) => ended)), late]);
    clearTimeout(timer);
    for (const { pid } of this.#running.values()) signal(pid, "SIGKILL");
  }

  async #start(name: string, manager: string): Promise<void> {
    const [program, ...args] = this.#options.command(name, manager);
    const { logs } = this.#options;
    if (logs !== null) await mkdir(logs, { recursive: true });
    const log = logs === null ? null : await open(join(logs, `${name}.log`), "a");
    try {
      // A group of its own: Ctrl-C in a terminal is for the manager, which ends its services itself.
      const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", log?.fd ?? "ignore"] });
      await once(child, "spawn");
      const { pid } = child;
      if (pid === undefined) throw new Error(`${program} has no process`);
      child.unref();
      const ended = new Promise<void>((resolve) => {
        child.once("exit", (code, killedBy) => {
          this.#running.delete(name);
          // Ended by a signal from outside, it was not at fault.
          if (code !== null && code !== 0) {
            this.#failed += 1;
            this.#lastFailure = `${name}: exit code ${code}`;
          } else if (killedBy === null) this.#failed = 0;
          resolve();
        });
      });
      this.#running.set(name, { pid, ended });
    } finally {
      await log?.close();
    }
  }

  /** Of an earlier manager nobody says when they end. */
  #forgetEnded(): void {
    for (const [name, { pid, ended }] of this.#running) if (ended === null && !signal(pid, 0)) this.#running.delete(name);
  }
}

/** False where there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
