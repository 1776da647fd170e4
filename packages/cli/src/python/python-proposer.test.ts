/** What a strategy of a Python package is asked with. Python itself: `test/python-analysis.test.ts`. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PythonAnalyst } from "@alchemiscale/compute";
import { gufeKeyOf, type Scope, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { type ObjectStore, openObjectStore, resultPath } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { ProposerUnavailable } from "@alchemiscale/strategist/service";
import { expect, onTestFinished, test } from "vitest";
import { freshStrategyState } from "../../../../scripts/stored-networks/fresh-strategy-state.ts";
import { storeNetwork } from "../../../../scripts/stored-networks/store-network.ts";
import { stubInterpreter } from "../../../../scripts/stub-interpreter.ts";
import { PythonProposer } from "./python-proposer.ts";

/** Tells of what it is asked: results are texts, gathered by putting them together; the strategy counts them. */
const counting = `
if (request.request === "gather") {
  if (!files(request.protocol).startsWith('[["HarmonicSwitching')) throw new Error("no Protocol");
  writeFileSync(request.output, request.results.map(files).sort().join("+"));
  return { reply: "gathered", n: 1, estimate: null, uncertainty: null, file: request.output, problems: [], leftovers: 0 };
}
if (!files(request.network).includes("AlchemicalNetwork") || !files(request.strategy).includes("LabStrategy")) throw new Error("not what it is");
const weights = Object.entries(request.results).map(([key, path]) => [key, files(path).split("+").length]);
return { reply: "proposed", weights: Object.fromEntries(weights), leftovers: 0 };`;

const strategyKey = `LabStrategy-${"0".repeat(32)}`;
const { entries: strategy } = sliceKeyedChain(
  `[["${strategyKey}", {"__qualname__": "LabStrategy", "__module__": "lab", ":version:": 1}]]`,
);
const user = { identity: "alice" };
const signal = new AbortController().signal;

/** A network of the built-in protocol in stores of its own, and what lands results of its Transformations. */
async function stored() {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-proposer-"));
  const stateStore = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
  onTestFinished(async () => {
    await Promise.all([stateStore.close(), objectStore.close()]);
    await rm(directory, { recursive: true });
  });
  const chain = sliceKeyedChain(await readFile(new URL("../../../../examples/harmonic-network.json", import.meta.url), "utf8"));
  const { network } = await storeNetwork(stateStore, chain, "lab-c-p" as Scope, { actor: user });
  const [first, second] = (await stateStore.networks.transformationsOf(network)) as [ScopedKey, ScopedKey];
  await stateStore.strategies.set(network, { entries: strategy, key: strategyKey, state: freshStrategyState }, user);
  const land = async (transformation: ScopedKey, text: string, ok = true) => {
    const resultKey = `ProtocolDAGResult-${text.repeat(32)}`;
    const { org, campaign, project } = scopedKeyParts(transformation);
    const location = resultPath({ org, campaign, project, transformationKey: gufeKeyOf(transformation), ok, resultKey });
    await objectStore.put(location, Buffer.from(text));
    const created = new Date().toISOString().replace("Z", "000+00:00");
    const result = { transformation, resultKey, ok, location, created, failures: [], extendsKey: null, actor: user };
    await stateStore.results.import(result);
  };
  const work = async () => {
    const found = await stateStore.strategies.work(network);
    if (found === null) throw new Error("there is a strategy");
    return found;
  };
  return { stateStore, objectStore, network, first, second, land, work };
}

test("a strategy sees the ok results of each Transformation, fetched once, and gathered again where there are new ones", async () => {
  const { stateStore, objectStore, network, first, second, land, work } = await stored();
  const read: string[] = [];
  const watched: ObjectStore = Object.create(objectStore, {
    get: { value: (path: string) => objectStore.get(path).finally(() => read.push(path.replace(/.*DAGResult-(\w).*/, "$1"))) },
  });
  const analyst = new PythonAnalyst({ python: await stubInterpreter(counting) });
  onTestFinished(() => analyst.close());
  const proposer = new PythonProposer({ stateStore, objectStore: watched }, analyst);
  const propose = async () => proposer.propose({ network, strategy, work: await work(), signal });
  expect([...(await propose()).weights]).toEqual([]);
  for (const text of ["a", "b"]) await land(first, text);
  await land(second, "c");
  await land(second, "f", false);
  const { weights, why } = await propose();
  expect(Object.fromEntries(weights)).toEqual({ [gufeKeyOf(first)]: 2, [gufeKeyOf(second)]: 1 });
  expect(why).toMatch(/^LabStrategy was asked in Python, with results of 2 of \d+ Transformations$/);
  await land(second, "d");
  expect(Object.fromEntries((await propose()).weights)).toEqual({ [gufeKeyOf(first)]: 2, [gufeKeyOf(second)]: 2 });
  expect(read.sort()).toEqual(["a", "b", "c", "d"]);
});

test("a Python that does not start is no fault of the strategy", async () => {
  const { stateStore, objectStore, network, work } = await stored();
  const analyst = new PythonAnalyst({ python: "/nowhere/python" });
  onTestFinished(() => analyst.close());
  const proposer = new PythonProposer({ stateStore, objectStore }, analyst);
  const proposed = proposer.propose({ network, strategy, work: await work(), signal });
  await expect(proposed).rejects.toBeInstanceOf(ProposerUnavailable);
});
