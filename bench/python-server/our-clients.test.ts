/**
 * Our clients against the real Python server, with Neo4j and S3. It takes a minute or two, and runs where ALCHEMISCALE_TEST_PYTHON_SERVER names
 * an interpreter with that server (README.md beside this file) and the alchemiscale_harmonic of python/.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient } from "@alchemiscale/client";
import { decompressResult, encodeResult, gatherResults, nodeFetch, readResult } from "@alchemiscale/client/node";
import { parseComputeManagerId, parseComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { expect, test } from "vitest";
import { versitygw } from "../../scripts/test-services/versitygw.ts";
import { startPythonSide } from "./sides/python-side.ts";

const interpreter = process.env.ALCHEMISCALE_TEST_PYTHON_SERVER ?? "";
const text = (path: string) => readFile(new URL(path, import.meta.url), "utf8");
const newId = (name: string) => `${name}-${randomUUID().replaceAll("-", "")}`;

test.skipIf(interpreter === "")(
  "our clients do all that they can with the Python server (ALCHEMISCALE_TEST_PYTHON_SERVER)",
  { timeout: 600_000 },
  async () => {
    const s3 = await versitygw.start();
    const folder = await mkdtemp(join(tmpdir(), "alchemiscale-our-clients-"));
    const side = await startPythonSide({ interpreter, workers: 1, s3 });
    try {
      const { user: userIdentity, compute: computeIdentity } = side.identities;
      const connection = { fetch: nodeFetch() };
      const user = new AlchemiscaleClient({ url: side.userUrl, ...userIdentity, ...connection });
      const compute = new AlchemiscaleComputeClient({ url: side.computeUrl, ...computeIdentity, ...connection });
      const manager = new AlchemiscaleComputeManagerClient({ url: side.computeUrl, ...computeIdentity, ...connection });

      // Networks and objects.
      expect(await user.ping()).toBe("AlchemiscaleAPI");
      expect(await user.getInfo()).toHaveProperty("message");
      expect(await user.getScopes()).toEqual(["*-*-*"]);
      const scope = parseScope("org-campaign-project");
      const chain = await text("../../examples/harmonic-network.json");
      const network = await user.createNetwork(chain, scope);
      expect(network).toBe(user.getScopedKey(chain, scope));
      expect(await user.checkExists(network)).toBe(true);
      expect(sliceKeyedChain(await user.getNetwork(network), { strict: true }).root.key).toBe(sliceKeyedChain(chain).root.key);
      expect(await user.queryNetworks({ scope })).toEqual([network]);
      const transformations = await user.getNetworkTransformations(network);
      expect(transformations).toHaveLength(15);
      expect((await user.queryTransformations({ scope })).toSorted()).toEqual(transformations.toSorted());
      const systems = await user.getNetworkChemicalSystems(network);
      expect((await user.queryChemicalSystems({ scope })).toSorted()).toEqual(systems.toSorted());
      const [transformation, other] = transformations as [ScopedKey, ScopedKey];
      const [system] = await user.getTransformationChemicalSystems(transformation);
      expect(systems).toContain(system);
      expect(await user.getChemicalSystemTransformations(system as ScopedKey)).toContain(transformation);
      expect(await user.getChemicalSystemNetworks(system as ScopedKey)).toEqual([network]);
      expect(await user.getTransformationNetworks(transformation)).toEqual([network]);
      expect(sliceKeyedChain(await user.getTransformation(transformation)).root.qualname).toBe("Transformation");
      expect(sliceKeyedChain(await user.getChemicalSystem(system as ScopedKey)).root.qualname).toBe("ChemicalSystem");
      expect(await user.setNetworkState(network, "inactive")).toBe(network);
      expect(await user.getNetworkState(network)).toBe("inactive");
      expect(await user.setNetworkState(network, "active")).toBe(network);
      expect(await user.setNetworksWeight([network], [0.25])).toEqual([network]);
      expect([await user.getNetworkWeight(network), ...(await user.getNetworksWeight([network]))]).toEqual([0.25, 0.25]);

      // Tasks.
      const [first, second] = (await user.createTasks(transformation, { count: 2 })) as [ScopedKey, ScopedKey];
      const [child, elsewhere] = (await user.createTransformationsTasks([transformation, other], {
        extends: [first, null],
      })) as [ScopedKey, ScopedKey];
      expect(await user.getTransformationTaskGraph(transformation)).toEqual(
        new Map<ScopedKey, ScopedKey | null>([
          [first, null],
          [second, null],
          [child, first],
        ]),
      );
      expect(await user.getTransformationTasks(transformation, { extends: first })).toEqual([child]);
      expect(await user.getTaskNetworks(child)).toEqual([network]);
      expect(await user.getTaskTransformation(elsewhere)).toBe(other);
      expect(await user.setTasksPriority([first, second], 2n ** 62n)).toEqual([first, second]);
      expect(await user.getTasksPriority([first, child])).toEqual([2n ** 62n, 10]);
      expect(await user.actionTasks(network, [first, elsewhere], { weight: [0.75, 0.5] })).toEqual([first, elsewhere]);
      const weights = new Map([
        [first, 0.75],
        [elsewhere, 0.5],
      ]);
      expect(await user.getNetworkActionedTasks(network)).toEqual(weights);
      expect(await user.getNetworksActionedTasks([network])).toEqual([weights]);
      expect(await user.getTaskActionedNetworks(first)).toEqual(new Map([[network, 0.75]]));
      expect(await user.setTasksStatus([child], "invalid")).toEqual([child]);
      expect(await user.getTasksStatus([first, child])).toEqual(["waiting", "invalid"]);
      expect(await user.getNetworksStatus([network])).toEqual([{ waiting: 3, invalid: 1 }]);
      expect(await user.getScopeStatus(parseScope("org-*-*"))).toEqual({ waiting: 3, invalid: 1 });
      await user.addTaskRestartPatterns(network, ["a+"], 2);
      await user.setTaskRestartPatternsAllowedRestarts(network, ["a+"], 3);
      expect(await user.getTaskRestartPatterns(network)).toEqual(new Map([["a+", 3]]));
      await user.clearTaskRestartPatterns(network);
      expect(await user.getTaskRestartPatterns(network)).toEqual(new Map());
      expect(await user.getNetworkStrategyStatus(network)).toBeNull();

      // Managers and services.
      const managerId = parseComputeManagerId(newId("keeper"));
      await manager.register(managerId);
      const successor = parseComputeManagerId(newId("keeper"));
      await expect(manager.register(successor)).rejects.toMatchObject({ status: 422 });
      await manager.register(successor, { steal: true });
      expect(await manager.getInstruction(managerId)).toMatchObject({ instruction: "SHUTDOWN" });
      expect(await manager.getInstruction(successor, { scopes: [scope] })).toEqual({ instruction: "OK", services: [], tasks: 2 });
      const service = parseComputeServiceId(newId("worker"));
      await compute.register(service, successor);
      expect(await manager.getInstruction(successor)).toMatchObject({ services: [service] });
      await manager.updateStatus(successor, { status: "OK", saturation: 0.5 });
      const hubs = await compute.queryTaskHubContents([scope]);
      expect([...hubs.values()]).toEqual([{ network, weight: 0.25 }]);
      await compute.heartbeat(service);
      const { tasks } = await compute.claim({ service, count: 5, scopes: [scope] });
      expect(tasks.toSorted()).toEqual([first, elsewhere].toSorted());
      expect(await compute.getTaskTransformationKey(elsewhere)).toBe(other);
      const content = await compute.getTaskTransformation(first);
      expect(`${sliceKeyedChain(content.transformation).root.key}-${scope}`).toBe(transformation);
      const post = async (task: ScopedKey, name: string) => {
        const bytes = new TextEncoder().encode(await text(`../../packages/client/test/fixtures/${name}.json`));
        return compute.postResult(task, await encodeResult({ bytes }, service));
      };
      const reference = await post(first, "dag-result-ok");
      const failure = await post(elsewhere, "dag-result-failed");
      expect(await user.getTasksStatus([first, elsewhere])).toEqual(["complete", "error"]);
      await expect(compute.claimWaiting({ service, count: 1 }, 1)).rejects.toMatchObject({ status: 404 });

      // Results.
      expect(await user.getNetworkResults(network)).toHaveProperty("size", 15);
      const results = [];
      for await (const result of user.getNetworkResults(network)) results.push(result);
      expect(results.map(({ ref }) => ref)).toEqual([reference]);
      // The server has written it anew: the same objects, in an order of its own.
      const sent = sliceKeyedChain(await text("../../packages/client/test/fixtures/dag-result-ok.json"));
      const back = sliceKeyedChain(readResult(results[0]?.bytes ?? new Uint8Array()));
      expect(back.root.key).toBe(sent.root.key);
      expect(await user.getTaskFailures(elsewhere)).toEqual([failure]);
      expect(await user.getTransformationResults(transformation)).toEqual([reference]);
      expect(await gatherResults(user, network, folder)).toMatchObject({ written: 2, present: 0 });
      expect(await gatherResults(user, network, folder)).toMatchObject({ written: 0, present: 2 });
      expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".zst"))).toHaveLength(2);
      const archive = await user.getNetworkArchive(network, { decompress: decompressResult });
      let pieces = "";
      for await (const piece of archive ?? []) pieces += piece;
      expect(sliceKeyedChain(pieces, { strict: true }).root.qualname).toBe("AlchemicalArchive");

      await compute.deregister(service);
      await manager.updateStatus(successor, { status: "ERROR", detail: "stopped by hand" });
      await manager.clearError("keeper");
      expect(await manager.getInstruction(successor)).toMatchObject({ instruction: "SHUTDOWN" });
    } finally {
      await side.close();
      await s3.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
