/** A server with a user and a compute service in it, as commands of a user find it. */
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import {
  alchemiscale,
  alchemiscaleJson,
  type CommandOptions,
  type Ended,
  endServers,
  type RunningServer,
  startServer,
  temporaryDirectory,
} from "./run-command.ts";

export interface Lab {
  readonly server: RunningServer;
  /** That of the user's commands. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts `serve` with the identities `user` and `compute` (keys `user key` and `compute key`) for `lab-*-*`. */
export async function startLab(data: string, ...options: readonly string[]): Promise<Lab> {
  const server = await startServer(data, {}, ["serve", "--api-port", "0", "--compute-api-port", "0", ...options]);
  for (const type of ["user", "compute"]) {
    await alchemiscale(["identity", "add", "--data", data, "-t", type, "-i", type, "-k", `${type} key`]);
    await alchemiscale(["identity", "add-scope", "--data", data, "-t", type, "-i", type, "-s", "lab-*-*"]);
  }
  const environment = { ALCHEMISCALE_URL: server.userAddress, ALCHEMISCALE_ID: "user", ALCHEMISCALE_KEY: "user key" };
  return { server, environment };
}

/** A lab of all tests of a file, and its directory, which goes with it. */
export interface LabOfFile extends Lab {
  /** Of the server. */
  readonly data: string;
  /** The path of a file, which may not be there yet. */
  file(name: string): string;
  /** A command of the user. */
  run(...args: readonly string[]): Promise<Ended>;
  /** The same, with standard input. */
  pipe(input: string, ...args: readonly string[]): Promise<Ended>;
  json<T = unknown>(...args: readonly string[]): Promise<T>;
}

/** It is there from the first `beforeAll` of the file on. */
export function labOfFile(): LabOfFile {
  const directory = temporaryDirectory();
  const data = join(directory.path, "data");
  let lab: Lab | undefined;
  const started = (): Lab => {
    if (lab === undefined) throw new Error("the lab is there within tests only");
    return lab;
  };
  const options = (): CommandOptions => ({ environment: started().environment });
  beforeAll(async () => {
    lab = await startLab(data);
  });
  afterAll(async () => {
    await endServers();
    directory[Symbol.dispose]();
  });
  return {
    data,
    get server() {
      return started().server;
    },
    get environment() {
      return started().environment;
    },
    file: (name) => join(directory.path, name),
    run: (...args) => alchemiscale(args, options()),
    pipe: (input, ...args) => alchemiscale(args, { ...options(), input }),
    json: (...args) => alchemiscaleJson(args, options()),
  };
}
