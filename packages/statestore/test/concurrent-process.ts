/**
 * A process of several clients that do everything at once on one store: `node concurrent-process.ts URL PLAN STEPS`. Prints a line of JSON for whatever was
 * acknowledged; errors other than those that the rules allow end it.
 */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { openStateStore } from "../src/index.ts";
import { claimAll, failure, nth, report, user } from "./given.ts";

export interface ConcurrentPlan {
  readonly process: number;
  readonly clients: number;
  readonly scope: string;
  readonly networks: readonly ScopedKey[];
  readonly hubs: readonly ScopedKey[];
  readonly transformations: readonly ScopedKey[];
  readonly tasks: readonly ScopedKey[];
}

export type Acknowledged =
  | { readonly kind: "created"; readonly tasks: readonly ScopedKey[] }
  | { readonly kind: "claimed"; readonly task: ScopedKey; readonly service: string }
  | { readonly kind: "reported"; readonly task: ScopedKey; readonly ref: ScopedKey };

async function main(url: string, plan: ConcurrentPlan, steps: number): Promise<void> {
  const store = await openStateStore(url);
  const { networks, hubs, transformations } = plan;
  const tasks = [...plan.tasks];
  const tell = (what: Acknowledged) => process.stdout.write(`${JSON.stringify(what)}\n`);
  const any = <T>(list: readonly T[]): T => nth(list, Math.floor(Math.random() * list.length));
  const some = () => Array.from({ length: 1 + Math.floor(Math.random() * 8) }, () => any(tasks));
  let count = 0;
  /** Undefined for errors that the rules allow. */
  const allowing = async <T>(work: Promise<T>, ...names: string[]): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Error && names.includes(error.name)) return undefined;
      throw error;
    }
  };

  const client = async (n: number): Promise<void> => {
    let service: ComputeServiceId;
    const register = async () => {
      count += 1;
      service = `worker-${((plan.process * 100 + n) * 1e6 + count).toString(16).padStart(32, "0")}` as ComputeServiceId;
      await store.services.register(service, { managerName: null, sentManagerKey: true, identity: null });
    };
    await register();
    const run = async (claimed: readonly ScopedKey[]) => {
      for (const task of claimed) tell({ kind: "claimed", task, service });
      for (const task of claimed) {
        // Some are left to those who expire the silent, or to deregistration.
        if (Math.random() < 0.15) continue;
        count += 1;
        const resultKey = `ProtocolDAGResult-${plan.process}.${count}`;
        const outcome = Math.random();
        if (outcome < 0.1) {
          await store.results.reportFailure({ task, service, exception: "E", traceback: `boom ${count}`, actor: {} });
          continue;
        }
        const ref = await store.results.report(
          outcome < 0.7
            ? report(task, service, { resultKey })
            : failure(task, service, any(["boom", "crash"]), { resultKey, created: new Date().toISOString() }),
        );
        tell({ kind: "reported", task, ref });
      }
    };
    const work: readonly (() => Promise<unknown>)[] = [
      () => store.hubs.action(any(networks), some(), any([null, 0, 0.5, 1]), user),
      () => store.hubs.action(any(networks), some(), null, user),
      () => store.hubs.cancel(any(networks), some(), user),
      () => store.tasks.setStatuses(some(), "waiting", user),
      () => store.tasks.setStatuses(some().slice(0, 2), "running", user),
      () => store.tasks.setPriorities(some(), any([1n, 5n, 10n]), user),
      () => store.networks.setWeights([any(networks)], [any([0, 0.3, 1])], user),
      async () => {
        if (Math.random() < 0.1) await store.tasks.setStatuses([any(tasks)], any(["invalid", "deleted"] as const), user);
      },
      async () => {
        const parents = some().slice(0, 3);
        const transformation = any(transformations);
        const extend = Math.random() < 0.3 ? null : parents;
        const creating = store.tasks.create(
          parents.map(() => transformation),
          extend,
          "user",
          user,
        );
        const created = await allowing(creating, "CannotExtend");
        if (created === undefined) return;
        tasks.push(...created);
        tell({ kind: "created", tasks: created });
      },
      () => store.restarts.add(any(networks), [any(["boom", "(?<=cr)ash", "never"])], any([1, 3]), user),
      () => store.restarts.remove(any(networks), [any(["boom", "(?<=cr)ash"])], user),
      async () => {
        if (Math.random() > 0.2) return;
        await store.services.deregister(service, user);
        await register();
      },
      // Those who have said nothing for a while.
      () => store.services.expire((Date.now() - 400) * 1000),
      () => store.services.heartbeat(service),
      async () => void (await store.claims.release(service, some(), {})),
      ...Array.from({ length: 5 }, () => async () => {
        const claimed = await allowing(claimAll(store, any(hubs), service, 3), "ServiceNotRegistered");
        if (claimed === undefined) await register();
        else await run(claimed);
      }),
      ...Array.from({ length: 3 }, () => async () => {
        const request = { service, count: 4, protocols: null, scopes: [plan.scope as never], exclude: [] };
        const gate = { forgiveBefore: 0, maxFailures: 1e9, sentScopesExclude: true };
        const reply = await allowing(store.claims.claim({ ...request, ...gate }), "ServiceNotRegistered");
        if (reply === undefined) await register();
        else await run(reply.tasks.filter((task) => task !== null));
      }),
    ];
    for (let step = 0; step < steps; step++) await any(work)();
  };

  await Promise.all(Array.from({ length: plan.clients }, (_, n) => client(n)));
  await store.close();
}

if (process.argv[1] === import.meta.filename) {
  const [url = "", plan = "", steps = "0"] = process.argv.slice(2);
  await main(url, JSON.parse(plan), Number(steps));
}
