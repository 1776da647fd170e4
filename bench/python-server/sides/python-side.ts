import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { RunningService } from "../../../scripts/test-services/test-service.ts";
import { waitForPort } from "../../../scripts/test-services/wait-for-port.ts";
import { freePorts } from "../../servers/free-ports.ts";
import { startNeo4j } from "../neo4j/start-neo4j.ts";
import { memoryOf } from "./memory-of.ts";
import { answering, identities, type Side } from "./side.ts";
import { startProcess } from "./start-process.ts";

const run = promisify(execFile);
const main = ["-c", "from alchemiscale.cli import cli; cli()"];
/** As in upstream's deployments: large requests take longer than gunicorn's 30 s. */
const gunicorn = JSON.stringify({ timeout: 600 });

/** What keeps an interpreter from serving, a sentence; undefined when nothing does. */
export async function pythonServerLacks(interpreter: string): Promise<string | undefined> {
  const probe = `
import importlib.metadata
from alchemiscale.interface import api
from alchemiscale.compute import api
import gunicorn
print(importlib.metadata.version("alchemiscale"))`;
  try {
    await run(interpreter, ["-c", probe]);
    await run("java", ["-version"]);
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as { readonly stderr?: string; readonly message: string };
    return stderr.trim().split("\n").at(-1) || message;
  }
}

/** Upstream's server: Neo4j, S3, and both APIs under gunicorn with so many workers each. */
export async function startPythonSide(options: {
  readonly interpreter: string;
  readonly workers: number;
  readonly s3: RunningService;
}): Promise<Side> {
  const { interpreter, workers, s3 } = options;
  const begun = performance.now();
  const neo4j = await startNeo4j();
  const [userPort = 0, computePort = 0] = await freePorts(2);
  const place = new URL(s3.url);
  const environment = {
    ...neo4j.environment,
    ...s3.environment,
    AWS_ENDPOINT_URL: place.searchParams.get("endpoint") ?? "",
    AWS_DEFAULT_REGION: place.searchParams.get("region") ?? "",
    AWS_S3_BUCKET: place.hostname,
    AWS_S3_PREFIX: "python",
    JWT_SECRET_KEY: "a secret of the comparison, long enough",
    JWT_EXPIRE_SECONDS: "86400",
  };
  const env = { ...process.env, ...environment };
  const command = (args: readonly string[]) => run(interpreter, [...main, ...args], { env });
  const api = (name: readonly string[], port: number) =>
    startProcess(
      interpreter,
      [
        ...main,
        ...name,
        "--workers",
        `${workers}`,
        "--host",
        "127.0.0.1",
        "--port",
        `${port}`,
        "-j",
        gunicorn,
        "--loglevel",
        "warning",
      ],
      { environment },
    );
  const startApis = () => [api(["api"], userPort), api(["compute", "api"], computePort)] as const;
  const urls = [userPort, computePort].map((port) => `http://127.0.0.1:${port}`);
  try {
    await untilIt(() => Promise.race([waitForPort(neo4j.port), neo4j.process.ended]));
    const neo4jSeconds = (performance.now() - begun) / 1000;
    // The database may listen before it can be used.
    await untilIt(() => Promise.race([command(["database", "init"]), neo4j.process.ended]));
    for (const [type, { identifier, key }] of Object.entries(identities)) {
      await command(["identity", "add", "-t", type, "-i", identifier, "-k", key]);
      await command(["identity", "add-scope", "-t", type, "-i", identifier, "-s", "*-*-*"]);
    }
    const apis = startApis();
    const apiSeconds = await answering(urls, apis);
    return {
      name: "python",
      description: `alchemiscale ${(await run(interpreter, ["-c", "from importlib.metadata import version; print(version('alchemiscale'))"])).stdout.trim()} in Python, ${workers} workers an API, ${neo4j.description}, ${s3.description}`,
      userUrl: urls[0] ?? "",
      computeUrl: urls[1] ?? "",
      identities,
      startUp: { all: Math.max(neo4jSeconds, apiSeconds), apis: apiSeconds },
      memory: () => memoryOf({ APIs: /alchemiscale\.cli/, Neo4j: /CommunityEntryPoint/ }),
      close: async () => {
        await Promise.all(apis.map((process) => process.stop()));
        await neo4j.stop();
      },
    };
  } catch (error) {
    await neo4j.stop();
    throw error;
  }
}

/** Again and again for two minutes: the database does not listen at once. */
async function untilIt(works: () => Promise<unknown>): Promise<void> {
  for (const begun = performance.now(); ; ) {
    try {
      await works();
      return;
    } catch (error) {
      if (performance.now() - begun > 120_000) throw error;
      await wait(200);
    }
  }
}
