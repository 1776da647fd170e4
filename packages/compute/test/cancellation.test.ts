/** What both services do when their Task is taken from them, against the real server. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createNativeExecutor,
  type Executor,
  ParallelComputeService,
  parseParallelServiceSettings,
  parseSynchronousServiceSettings,
  SynchronousComputeService,
} from "../src/index.ts";
import { boxSettings } from "./box-settings.ts";
import { type Misbehaving, misbehaving, testPython } from "./misbehaving.ts";
import { networkOf } from "./network-of.ts";
import { isAlive, treeOf } from "./process-tree.ts";
import { type RealServer, realServer } from "./real-server.ts";

let server: RealServer;
let scope: Scope;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  scope = server.freshScope();
});

const transformation = readFileSync(new URL("./fixtures/native/transformation.json", import.meta.url), "utf8");
/** Busy for hours. */
const endless = transformation.replace('"n_switches": 6', '"n_switches": 10000000');

/** Machines that are busy with other things take their time. */
const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

type Service = SynchronousComputeService | ParallelComputeService;

const kinds: readonly (readonly [string, (values: object, executor: Executor, write: (line: string) => void) => Service])[] = [
  [
    "synchronous",
    (values, executor, write) =>
      new SynchronousComputeService(parseSynchronousServiceSettings(JSON.stringify(values)).settings, executor, { write }),
  ],
  [
    "parallel",
    (values, executor, write) =>
      new ParallelComputeService(
        parseParallelServiceSettings(JSON.stringify({ ...values, cores: 2, gpus: [] })).settings,
        executor,
        { write },
      ),
  ],
];

describe.each(kinds)("the %s service", (_kind, make) => {
  /** A Task that runs, and the service that runs it. */
  async function running(more: Record<string, unknown> = {}, executor = createNativeExecutor(), chain = endless) {
    const network = await server.user.createNetwork(networkOf(chain), scope);
    const [edge] = await server.user.getNetworkTransformations(network);
    const [task] = await server.user.createTasks(edge as ScopedKey);
    if (task === undefined) throw new Error("a Task was created");
    await server.user.actionTasks(network, [task]);
    let log = "";
    const values = {
      ...boxSettings(server.computeUrl, server.directory),
      scopes: [scope],
      sleep_interval: 600,
      loglevel: "INFO",
      ...more,
    };
    const service = make(values, executor, (line) => {
      log += line;
    });
    const run = service.run();
    await until(() => expect(log).toMatch(/(executing|preparing) Task/));
    // The stream of news stands.
    await until(async () => expect((await server.stateStore.services.list()).length).toBeGreaterThan(0));
    const stopped = async (limitMs = 20_000): Promise<number> => {
      const begun = performance.now();
      await vi.waitFor(() => expect(log).toContain(`gave up ${task}`), { timeout: limitMs, interval: 5 });
      return performance.now() - begun;
    };
    const end = async (): Promise<void> => {
      service.stop("test");
      await run;
    };
    return { network, edge: edge as ScopedKey, task, service, stopped, end, log: () => log };
  }
  const statusOf = async (task: ScopedKey) => (await server.stateStore.tasks.getStatuses([task]))[0];

  test.each(["invalid", "deleted", "waiting"] as const)(
    "stops a Task that is set to %s, and sends nothing of it",
    async (status) => {
      const { network, edge, task, stopped, end } = await running();
      // So that it is not claimed again at once.
      await server.stateStore.hubs.cancel(network, [task], {});
      await server.stateStore.tasks.setStatuses([task], status, { identity: "alice" });
      await stopped();
      await end();
      expect(await statusOf(task)).toBe(status);
      expect(await server.user.getTransformationResults(edge)).toEqual([]);
      expect(await server.user.getTransformationFailures(edge)).toEqual([]);
    },
  );

  test("goes on with what is actioned nowhere, unless stop_unactioned is set; then it waits", async () => {
    const first = await running();
    await server.stateStore.hubs.cancel(first.network, [first.task], {});
    await expect(first.stopped(700)).rejects.toThrow();
    expect(await statusOf(first.task)).toBe("running");
    await first.end();

    scope = server.freshScope();
    const second = await running({ stop_unactioned: true });
    await server.stateStore.hubs.cancel(second.network, [second.task], {});
    await second.stopped();
    await until(async () => expect(await statusOf(second.task)).toBe("waiting"));
    expect(await server.stateStore.claims.holder(second.task)).toBeNull();
    await second.end();
  });

  test("stops when its registration is gone, and registers anew", async () => {
    const { service, stopped, end, log } = await running();
    const id = service.id;
    await server.stateStore.services.deregister(id, {});
    await stopped();
    await until(() => expect(log()).toContain("registered anew"));
    expect(service.id).not.toBe(id);
    await end();
  });

  describe.skipIf(testPython === "")("with the Python executor (ALCHEMISCALE_TEST_PYTHON names an interpreter with gufe)", () => {
    let environment: Misbehaving;
    beforeEach(async () => {
      environment = await misbehaving();
      return () => environment[Symbol.asyncDispose]();
    }, 60_000);

    test.each(["sleep", "daemon"])(
      "ends all processes of a cancelled Task within seconds (a unit that does '%s')",
      async (deed) => {
        const pidFile = join(server.directory, `${scope}-${deed}`);
        const { network, edge, task, stopped, end } = await running(
          {},
          environment.executor,
          environment.transformation(deed, pidFile),
        );
        const pid = await until(async () => {
          const written = await readFile(pidFile, "utf8").catch(() => "");
          expect(written).toMatch(/^\d+\n$/);
          return Number(written);
        });
        // The guard, the interpreter, and what the unit has started.
        const tree = treeOf(pid);
        expect(tree.length).toBeGreaterThanOrEqual(deed === "daemon" ? 3 : 2);
        await server.stateStore.hubs.cancel(network, [task], {});
        await server.stateStore.tasks.setStatuses([task], "invalid", { identity: "alice" });
        await vi.waitFor(() => expect(tree.filter(isAlive)).toEqual([]), { timeout: 5000, interval: 10 });
        await stopped();
        await end();
        expect(await statusOf(task)).toBe("invalid");
        expect(await server.user.getTransformationFailures(edge)).toEqual([]);
      },
    );
  });
});
