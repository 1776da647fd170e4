/** From nothing to free energies, with everything that takes part: server, identities, network, Tasks, services, results. */
import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { exactFreeEnergy } from "@alchemiscale/compute";
import { parseScope, type Scope } from "@alchemiscale/contract";
import { locateDataDirectory } from "../data/data-directory.ts";
import { print } from "../terminal/print.ts";
import { statusTable } from "../terminal/status-table.ts";
import { style } from "../terminal/style.ts";
import { UsageError } from "../usage-error.ts";
import { type ChildCommand, startChildCommand } from "./child-command.ts";
import { compareWithExact } from "./compare-with-exact.ts";
import { printNextSteps } from "./next-steps.ts";
import { buildOpenfeNetwork, compareWithReference } from "./openfe-network.ts";
import { printFirstFailure } from "./print-first-failure.ts";
import { describeNetworkFile, runNetwork } from "./run-network.ts";
import { drawSeed } from "./seed-plan.ts";
import { step } from "./steps.ts";

export interface QuickstartOptions {
  /** Leave the server running. */
  readonly keep?: boolean;
  readonly seed?: number;
  /** Interpreter that has openfe: real chemistry in place of harmonic wells. */
  readonly python?: string;
  /** Exact ΔF of a transformation (keyed chain text), kcal/mol; for tests of the check. */
  readonly exact?: (transformation: string) => number;
}

const examples = resolve(import.meta.dirname, "..", "..", "..", "..", "examples");

/** @returns whether every Task is complete and the free energies are right. */
export async function runQuickstart(options: QuickstartOptions): Promise<boolean> {
  if (!existsSync(examples)) throw new UsageError(`the quickstart needs a checkout of the repository: ${examples} is not there`);
  const python = options.python === undefined ? undefined : interpreterPath(options.python);
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-quickstart-"));
  const children: ChildCommand[] = [];
  const endChildren = () => {
    for (const child of children) child.kill();
  };
  const interrupt = (signal: NodeJS.Signals) => {
    endChildren();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    print("\nInterrupted: all processes of the quickstart were ended, and its files removed.");
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("exit", endChildren);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, interrupt);
  let good = false;
  let kept = false;
  try {
    const outcome = await runIn(directory, { ...options, ...(python === undefined ? {} : { python }) }, children);
    good = outcome.good;
    if (options.keep) {
      kept = true;
      outcome.server.release();
    } else await outcome.server.stop();
    printNextSteps({ ...outcome, directory, kept, python: options.python });
    return good;
  } finally {
    process.removeListener("exit", endChildren);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.removeListener(signal, interrupt);
    if (!kept) {
      endChildren();
      await Promise.all(children.map(({ ended }) => ended.catch(() => {})));
      // What went wrong can be read in the logs.
      if (good) await rm(directory, { recursive: true, force: true });
      else print(style("dim", `Logs and data of this run: ${directory}`));
    }
  }
}

/** Services run in directories of their own, and npm in the repository's: a relative path means where the person is. */
function interpreterPath(python: string): string {
  return python.includes("/") ? resolve(process.env.INIT_CWD ?? ".", python) : python;
}

const user = "quickstart-user";
const computeIdentity = "quickstart-compute";

async function runIn(directory: string, options: QuickstartOptions, children: ChildCommand[]) {
  const seed = options.seed ?? drawSeed();
  const scope = parseScope("quickstart-example-network");
  const chemistry = options.python !== undefined;
  print(
    style(
      "bold",
      chemistry
        ? "alchemiscale: real transformations, by openfe"
        : "alchemiscale: harmonic wells, whose free energies are known exactly",
    ),
  );
  print(style("dim", `data  ${directory}`));
  if (!chemistry) print(style("dim", `seed  ${seed}  (repeat: npm run quickstart -- --seed ${seed})`));
  print();

  const environment = ownEnvironment();
  const server = startChildCommand(["serve", "--data", directory, "--api-port", "0", "--compute-api-port", "0"], {
    log: join(directory, "server.log"),
    environment,
  });
  children.push(server);
  const { userAddress, computeAddress } = await step(
    async () => serverAddresses(await server.message()),
    (addresses) => `Started the server: users at ${addresses.userAddress}, compute services at ${addresses.computeAddress}`,
  );

  const userKey = randomBytes(16).toString("hex");
  const computeKey = randomBytes(16).toString("hex");
  await step(
    () => addIdentities(directory, scope, userKey, computeKey),
    () => `Made a user and a compute identity for the scope ${scope}`,
  );

  const file = chemistry
    ? await step(
        () => buildOpenfeNetwork(options.python ?? "", examples, join(directory, "network.json")),
        () => "Built the network with openfe: benzene to toluene and to phenol, in vacuum",
      )
    : join(examples, "harmonic-network.json");
  const client = new AlchemiscaleClient({ url: userAddress, identifier: user, key: userKey });
  const workplace = join(directory, "compute");
  await mkdir(workplace, { mode: 0o700 });
  const run = await runNetwork({
    client,
    scope,
    file,
    label: `${chemistry ? "it" : "examples/harmonic-network.json"}: ${await describeNetworkFile(file)}`,
    repeats: chemistry ? 1 : 3,
    seed,
    services: {
      count: 2,
      computeUrl: computeAddress,
      identifier: computeIdentity,
      key: computeKey,
      options: (seeds) =>
        options.python === undefined
          ? ["--executor", "native", "--seeds", seeds]
          : ["--executor", "python", "--python", options.python],
      // Two services share the machine: OpenMM would take all of its cores for each.
      environment: { ...environment, ...(chemistry ? { OPENMM_CPU_THREADS: "1" } : {}) },
    },
    directory: workplace,
    onStart: (child) => children.push(child),
  });

  const good =
    options.python === undefined
      ? await compareWithExact(client, run.transformations, options.exact ?? exactFreeEnergy)
      : await compareWithReference(client, run.transformations, options.python, examples, join(directory, "results"));
  print();
  print(statusTable(run.status));
  const complete = run.status.complete ?? 0;
  const total = Object.values(run.status).reduce((sum, each) => sum + each, 0);
  if (complete < total) {
    print(style("red", `${total - complete} of ${total} Tasks did not complete.`));
    await printFirstFailure(client, run.transformations);
  }
  return {
    good: good && complete === total && total > 0,
    server,
    userAddress,
    computeAddress,
    user,
    userKey,
    network: run.network,
    scope,
  };
}

/** The settings of the person's own server must not reach this one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(ALCHEMISCALE_|NEO4J_|AWS_|JWT_)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

function serverAddresses(message: unknown): { readonly userAddress: string; readonly computeAddress: string } {
  const { userAddress, computeAddress } = (message ?? {}) as { userAddress?: unknown; computeAddress?: unknown };
  if (typeof userAddress !== "string" || typeof computeAddress !== "string")
    throw new Error("the server did not say where it listens");
  return { userAddress, computeAddress };
}

async function addIdentities(directory: string, scope: Scope, userKey: string, computeKey: string): Promise<void> {
  const [{ openStateStore }, { hashKey }] = await Promise.all([
    import("@alchemiscale/statestore"),
    import("@alchemiscale/server"),
  ]);
  const store = await openStateStore(`sqlite:${locateDataDirectory(directory).stateFile}`);
  try {
    for (const [type, identifier, key] of [
      ["user", user, userKey],
      ["compute", computeIdentity, computeKey],
    ] as const) {
      await store.identities.put(type, identifier, await hashKey(key));
      await store.identities.addScopes(type, identifier, [scope]);
    }
  } finally {
    await store.close();
  }
}
