import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../../servers/free-ports.ts";
import { type Started, startProcess } from "../sides/start-process.ts";

const run = promisify(execFile);

export interface RunningNeo4j {
  readonly process: Started;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly description: string;
  stop(): Promise<void>;
}

/** The 512 MiB of the first heap, at most 1 GiB, and 512 MiB for pages: what a small site gives it. */
const memory = { initial: "512m", heap: "1g", pages: "512m" };

/** Starts Neo4j on a free port of 127.0.0.1, with an empty database in a temporary directory; it may not listen yet. Needs Java 17, and Maven the first time. */
export async function startNeo4j(): Promise<RunningNeo4j> {
  const library = await fetchLibrary();
  const home = await mkdtemp(join(tmpdir(), "alchemiscale-neo4j-"));
  const [port = 0] = await freePorts(1);
  await mkdir(join(home, "conf"));
  await writeFile(
    join(home, "conf", "neo4j.conf"),
    [
      `server.bolt.listen_address=127.0.0.1:${port}`,
      "server.http.enabled=false",
      "server.https.enabled=false",
      "dbms.security.auth_enabled=false",
      "dbms.usage_report.enabled=false",
      `server.memory.pagecache.size=${memory.pages}`,
      "",
    ].join("\n"),
  );
  const opened = ["java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  );
  const java = [`-Xms${memory.initial}`, `-Xmx${memory.heap}`, "-XX:+UseG1GC", ...opened, "-cp", join(library, "*")];
  const server = ["org.neo4j.server.CommunityEntryPoint", `--home-dir=${home}`, `--config-dir=${join(home, "conf")}`];
  const process = startProcess("java", [...java, ...server], { cwd: home });
  return {
    process,
    port,
    environment: { NEO4J_URL: `bolt://127.0.0.1:${port}`, NEO4J_USER: "neo4j", NEO4J_PASS: "neo4j", NEO4J_DBNAME: "neo4j" },
    description: `Neo4j 5.26.0 (heap ${memory.heap}, pages ${memory.pages}, without authentication)`,
    stop: async () => {
      await process.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The directory with Neo4j's parts; fetched from Maven Central unless it is there. */
async function fetchLibrary(): Promise<string> {
  const directory = resolve("node_modules/.cache/alchemiscale/neo4j-5.26.0");
  if (existsSync(directory)) return directory;
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  console.error("Neo4j: fetching its 240 parts from Maven Central …");
  await run(
    "mvn",
    ["-q", "-B", "-f", join(import.meta.dirname, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${partial}`],
    { maxBuffer: 2 ** 26 },
  );
  await rename(partial, directory);
  return directory;
}
