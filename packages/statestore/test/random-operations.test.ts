/**
 * Random sequences of operations of all domains give what the model says: every reply, and now and then the whole state. `ALCHEMISCALE_TEST_SECONDS` sets
 * how long an engine is tried, `ALCHEMISCALE_TEST_SEED` what is drawn.
 */
import fc from "fast-check";
import { it } from "vitest";
import { onEveryEngine } from "./on-every-engine.ts";
import { claimOperations } from "./random/claims.ts";
import { compare } from "./random/compare.ts";
import { hubOperations } from "./random/hubs.ts";
import { identityOperations } from "./random/identities.ts";
import { networkOperations } from "./random/networks.ts";
import { restartOperations } from "./random/restarts.ts";
import { resultOperations } from "./random/results.ts";
import { managerOperations, serviceOperations } from "./random/services.ts";
import { strategyOperations } from "./random/strategies.ts";
import { taskOperations } from "./random/tasks.ts";
import { type RandomOperation, World } from "./random/world.ts";

const operations: readonly RandomOperation[] = [
  ...networkOperations,
  ...taskOperations,
  ...hubOperations,
  ...claimOperations,
  ...serviceOperations,
  ...managerOperations,
  ...resultOperations,
  ...restartOperations,
  ...strategyOperations,
  ...identityOperations,
];
const step = fc.oneof(
  ...operations.map((operation) => ({
    weight: operation.weight,
    arbitrary: operation.arguments.map((given) => ({ name: operation.name, given })),
  })),
);

const seconds = Number(process.env.ALCHEMISCALE_TEST_SECONDS ?? 20);
const seed = process.env.ALCHEMISCALE_TEST_SEED;

onEveryEngine("random operations", (under) => {
  it("do what the model says", { timeout: seconds * 1000 + 300_000 }, async () => {
    const apply = async (world: World, name: string, given: unknown) => {
      const operation = operations.find((one) => one.name === name);
      if (operation === undefined) throw new Error(`there is no operation "${name}"`);
      world.tick();
      await operation.apply(world, given);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100, size: "max" }), async (steps) => {
        const world = new World(under);
        try {
          await begin(world, apply);
          for (const [i, { name, given }] of steps.entries()) {
            await apply(world, name, given);
            if (i % 20 === 19) await compare(world);
          }
          await compare(world);
        } finally {
          under.setClock(null);
        }
      }),
      {
        numRuns: 1_000_000,
        interruptAfterTimeLimit: seconds * 1000,
        // Time is up: what has run was right.
        markInterruptAsFailure: false,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      },
    );
  });
});

/** Something to work with: networks, services, and Tasks with children and grandchildren on the hubs. */
async function begin(world: World, apply: (world: World, name: string, given: unknown) => Promise<void>): Promise<void> {
  for (const network of [0, 1, 3]) await apply(world, "submit a network", { network, state: "active" });
  for (const service of [0, 1]) {
    await apply(world, "register a service", { service, manager: null, sentManagerKey: true });
  }
  const roots = [0, 1, 2, 1, 6].map((transformation) => ({ transformation, foreign: false, parent: null }));
  await apply(world, "create Tasks", roots);
  for (const parent of [0, 1, 2, 5, 6]) await apply(world, "create Tasks", [{ transformation: 0, foreign: false, parent }]);
  const everyone = Array.from({ length: 10 }, (_, i) => i);
  await apply(world, "add restart patterns", { network: 1, patterns: ["boom"], maxRetries: 1, wrong: false });
  for (const network of [0, 1, 3]) await apply(world, "action Tasks", { network, tasks: everyone, weights: null });
}
