import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningService } from "../../../scripts/test-services/test-service.ts";
import { commandFile, runCommand } from "../../servers/command-line.ts";
import { freePorts } from "../../servers/free-ports.ts";
import { openStateStores } from "../../servers/state-stores.ts";
import { memoryOf } from "./memory-of.ts";
import { answering, identities, type Side } from "./side.ts";
import { startProcess } from "./start-process.ts";

const starts = 3;

/** `alchemiscale serve` on SQLite and a directory: one process. */
export async function startEmbeddedSide(): Promise<Side> {
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-comparison-"));
  return await startOurs({
    name: "embedded",
    description: "alchemiscale serve: SQLite and a directory",
    data,
    environment: {},
    commands: ([user, compute]) => [["serve", "--data", data, "--api-port", `${user}`, "--compute-api-port", `${compute}`]],
    memory: { server: /alchemiscale\.js/ },
    release: async () => {},
  });
}

/** `alchemiscale api` and `alchemiscale compute api` over PostgreSQL and S3. */
export async function startPostgresSide(options: { readonly workers: number; readonly s3: RunningService }): Promise<Side> {
  const { workers, s3 } = options;
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-comparison-"));
  const stores = await openStateStores("postgres");
  const store = await stores.create(data);
  const [place, parameters] = s3.url.split("?");
  const common = ["--data", data, "--host", "127.0.0.1", "--workers", `${workers}`];
  return await startOurs({
    name: "postgres",
    description: `alchemiscale api and compute api, ${workers} workers each: ${stores.description}; ${s3.description}`,
    data,
    environment: {
      ...s3.environment,
      ALCHEMISCALE_STATE_STORE_URL: store.url,
      ALCHEMISCALE_OBJECT_STORE_URL: `${place}/ours?${parameters}`,
    },
    commands: ([user, compute]) => [
      ["api", ...common, "--port", `${user}`],
      ["compute", "api", ...common, "--port", `${compute}`],
    ],
    memory: { APIs: /alchemiscale\.js/, PostgreSQL: /postgres/ },
    release: async () => {
      await store.remove();
      await stores.stop();
    },
  });
}

async function startOurs(options: {
  readonly name: Side["name"];
  readonly description: string;
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly commands: (ports: readonly number[]) => readonly (readonly string[])[];
  readonly memory: Readonly<Record<string, RegExp>>;
  release(): Promise<void>;
}): Promise<Side> {
  const { data, release } = options;
  const environment = {
    ...options.environment,
    JWT_SECRET_KEY: "a secret of the comparison, long enough",
    JWT_EXPIRE_SECONDS: "86400",
  };
  for (const [type, { identifier, key }] of Object.entries(identities)) {
    const who = ["-t", type, "-i", identifier, "--data", data];
    await runCommand(["identity", "add", ...who, "-k", key], environment);
    await runCommand(["identity", "add-scope", ...who, "-s", "*-*-*"], environment);
  }
  const ports = await freePorts(2);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const start = () =>
    options.commands(ports).map((args) => startProcess(process.execPath, [commandFile, ...args], { environment }));
  const seconds: number[] = [];
  for (;;) {
    const processes = start();
    seconds.push(await answering(urls, processes));
    if (seconds.length === starts) {
      const startUp = seconds.sort((a, b) => a - b)[1] ?? Number.NaN;
      return {
        name: options.name,
        description: options.description,
        userUrl: urls[0] ?? "",
        computeUrl: urls[1] ?? "",
        identities,
        startUp: { all: startUp, apis: startUp },
        memory: () => memoryOf(options.memory),
        close: async () => {
          await Promise.all(processes.map((process) => process.stop()));
          await release();
          await rm(data, { recursive: true, force: true });
        },
      };
    }
    await Promise.all(processes.map((process) => process.stop()));
  }
}
