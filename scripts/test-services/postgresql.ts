import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { type SupervisedProcess, startSupervised } from "./supervised-process.ts";
import { type RunningService, ServiceAbsent, type TestService } from "./test-service.ts";

const run = promisify(execFile);

/** The one that tests share. Without flushing: nothing in it outlives the tests. */
export const postgresql: TestService = {
  title: "PostgreSQL",
  start: () => startPostgresql({ durable: false }),
};

/**
 * A throw-away PostgreSQL: in a temporary directory, on a free port of 127.0.0.1; `durable` flushes every commit to the disk. PostgreSQL refuses to run as root, so there
 * it runs as `postgres` or `nobody`. ALCHEMISCALE_TEST_POSTGRES_URL names one that runs already (its user must be allowed to create databases).
 */
export const startPostgresql = async (options: { readonly durable: boolean }): Promise<RunningService> =>
  launchPostgresql(options);

/** One that a test stops and starts again, on the same port and with what it held. Never the one that an environment variable names. */
export interface RestartablePostgresql extends RunningService {
  /** Ends it; connections are cut. `kill`: as if the power had gone. */
  halt(how?: "stop" | "kill"): Promise<void>;
  resume(): Promise<void>;
}

/** Throws `ServiceAbsent` where this machine has no PostgreSQL. */
export const startRestartablePostgresql = (): Promise<RestartablePostgresql> => launchPostgresql({ durable: true, given: "" });

const launchPostgresql = async (options: {
  readonly durable: boolean;
  readonly given?: string;
}): Promise<RestartablePostgresql> => {
  const given = options.given ?? process.env.ALCHEMISCALE_TEST_POSTGRES_URL;
  if (given !== undefined && given !== "") {
    const notOurs = () => Promise.reject(new Error("a server that was given is not stopped"));
    return {
      halt: notOurs,
      resume: notOurs,
      url: given,
      environment: {},
      description: "the one that ALCHEMISCALE_TEST_POSTGRES_URL names",
      stop: async () => {},
    };
  }
  const programs = await findPrograms();
  if (programs === undefined) {
    throw new ServiceAbsent(
      "no initdb and postgres here (looked below /usr/lib/postgresql and in PATH); on Debian: apt-get install postgresql",
    );
  }
  const user = await unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-postgres-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    if (user !== undefined) await chown(directory, user.uid, user.gid);
    const data = join(directory, "data");
    // From a directory that the unprivileged user can enter; a locale that exists everywhere.
    const surroundings = { cwd: directory, env: { PATH: process.env.PATH, HOME: directory, LC_ALL: "C", TZ: "UTC" }, ...user };
    const layout = ["-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
    await run(join(programs, "initdb"), layout, surroundings);
    const port = await freePort();
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      ...(options.durable ? {} : { fsync: "off", full_page_writes: "off" }),
      max_connections: 200,
      shared_buffers: "64MB",
      log_min_messages: "log",
    };
    const begin = () =>
      startSupervised(
        join(programs, "postgres"),
        ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
        { cwd: directory, env: surroundings.env, user, readyLine: /database system is ready to accept connections/ },
      );
    let service: SupervisedProcess | undefined = await begin();
    const { stdout } = await run(join(programs, "postgres"), ["--version"]);
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      environment: {},
      description: `${stdout.trim()} of ${programs}`,
      halt: async (how = "stop") => {
        if (how === "kill")
          process.kill(Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n", 1)[0]), "SIGKILL");
        await service?.stop();
        service = undefined;
      },
      resume: async () => {
        // The processes of one that was killed take a moment to notice, and until then it does not start again.
        for (let attempt = 1; service === undefined; attempt++) {
          service = await begin().catch((error) => {
            if (attempt === 50) throw error;
            return sleep(100).then(() => undefined);
          });
        }
      },
      stop: async () => {
        await service?.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** The directory of the newest installed server programs. */
const findPrograms = async (): Promise<string | undefined> => {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? (await readdir(debian)).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return candidates.find(
    (directory) => directory !== "" && existsSync(join(directory, "initdb")) && existsSync(join(directory, "postgres")),
  );
};

const unprivilegedUser = async (): Promise<{ readonly uid: number; readonly gid: number } | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const account = accounts.find(([name]) => name === "postgres") ?? accounts.find(([name]) => name === "nobody");
  if (account === undefined)
    throw new ServiceAbsent("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody");
  return { uid: Number(account[2]), gid: Number(account[3]) };
};
