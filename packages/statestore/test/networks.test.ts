import type { NetworkState, Scope, ScopedKey } from "@alchemiscale/contract";
import { packEntries, unpackObjects } from "@alchemiscale/gufe";
import { expect, it } from "vitest";
import { InvalidPattern, ObjectsDiffer } from "../src/index.ts";
import { bringTo, create, nth, unknownNetwork, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";
import { sampleNetwork } from "./sample-network.ts";

onEveryEngine("networks", (under) => {
  it("are submitted with a hub of weight 0.5 and a mark, whose keys are md5 of the network's", async () => {
    const scope = under.scope();
    const submission = sampleNetwork({ scope });
    const reply = await under.store.networks.submit(submission, user);
    expect(reply).toMatchObject({ network: `${submission.network.key}-${scope}`, created: true, differing: [] });
    expect(reply.hub.replace("TaskHub", "NetworkMark")).toBe(reply.mark);
    expect(await under.store.networks.getWeights([reply.network])).toEqual([0.5]);
    expect(await under.store.networks.getStates([reply.network])).toEqual(["active"]);
    for (const key of [reply.network, reply.hub, reply.mark]) expect(await under.store.objects.exists(key)).toBe(true);
    expect(await under.store.objects.exists(`NetworkMark-${"0".repeat(32)}-${scope}` as ScopedKey)).toBe(false);
  });

  it("come back as the chain that was sent, every character of it, dependencies first", async () => {
    const scope = under.scope();
    const submission = sampleNetwork({ scope, transformations: 7, filling: 50 });
    const { network } = await under.store.networks.submit(submission, user);
    const chain = (await under.store.objects.chain(network)) ?? [];
    expect(new Map(chain.map(({ key, text }) => [key, text]))).toEqual(
      new Map(submission.entries.map(({ key, text }) => [key, text])),
    );
    const seen = new Set<string>();
    const references = new Map(submission.entries.map((entry) => [entry.key, entry.references]));
    for (const { key } of chain) {
      for (const reference of references.get(key) ?? []) expect(seen).toContain(reference);
      seen.add(key);
    }
    expect(chain.at(-1)?.key).toBe(submission.network.key);
    expect(await under.store.objects.chain(unknownNetwork(scope))).toBeNull();
  });

  it("hold any text: quotes, escapes, astral characters, and megabytes of it", async () => {
    const scope = under.scope();
    const submission = sampleNetwork({ scope, transformations: 3, filling: 3_000_000 });
    const [first, ...rest] = submission.entries;
    if (first === undefined) throw new Error("the sample has entries");
    const text = `{"a": "\\ud800 \\u0000 \\"quoted\\" \\\\ 🧪 é", "n": 1.0e-05, "big": 170141183460469231731687303715884105727, "nan": NaN}`;
    const { network } = await under.store.networks.submit({ ...submission, entries: [{ ...first, text }, ...rest] }, user);
    const chain = (await under.store.objects.chain(network)) ?? [];
    expect(chain.find(({ key }) => key === first.key)?.text).toBe(text);
    expect(chain.length).toBe(submission.entries.length);
  });

  it("submitted again give the same keys, keep the weight and take the state sent", async () => {
    const { network, scope, transformations } = await under.network();
    const tasks = await create(under.store, nth(transformations, 0), 2);
    await under.store.networks.setWeights([network], [0.25], user);
    const again = await under.store.networks.submit(sampleNetwork({ scope, state: "inactive" }), user);
    expect(again).toMatchObject({ network, created: false, differing: [] });
    expect(await under.store.networks.getWeights([network])).toEqual([0.25]);
    expect(await under.store.networks.getStates([network])).toEqual(["inactive"]);
    expect(await under.store.tasks.ofNetwork(network)).toEqual(tasks);
  });

  it("share what they have in common within a scope, Tasks included, and nothing across scopes", async () => {
    const one = await under.network({ transformations: 4 });
    const tasks = await create(under.store, nth(one.transformations, 0), 3);
    const two = await under.network({ scope: one.scope, transformations: 4, networkName: "another" });
    expect(two.network).not.toBe(one.network);
    expect(await under.store.tasks.ofNetwork(two.network)).toEqual(tasks);
    expect((await under.store.networks.networksOfTransformation(nth(one.transformations, 0))).sort()).toEqual(
      [one.network, two.network].sort(),
    );
    const elsewhere = await under.network({ transformations: 4 });
    expect(await under.store.tasks.ofNetwork(elsewhere.network)).toEqual([]);
    expect(await under.store.networks.queryTransformations({ scopes: [one.scope] })).toHaveLength(4);
  });

  it("say which keys stood there with another text, and keep the first text", async () => {
    const scope = under.scope();
    const submission = sampleNetwork({ scope });
    await under.store.networks.submit(submission, user);
    const changed = { ...nth(submission.entries, 0), text: '{"other": 1}' };
    const second = sampleNetwork({ scope, networkName: "second" });
    const entries = second.entries.map((entry) => (entry.key === changed.key ? changed : entry));
    const reply = await under.store.networks.submit({ ...second, entries }, user);
    expect(reply.differing).toEqual([changed.key]);
    const chain = await under.store.objects.chain(reply.network);
    expect(chain?.find(({ key }) => key === changed.key)?.text).toBe(nth(submission.entries, 0).text);
  });

  it("are refused whole where a key stands there with what is provably other content", async () => {
    const scope = under.scope();
    const solvent = (smiles: string) => ({
      key: `SolventComponent-${"0".repeat(32)}`,
      qualname: "SolventComponent",
      module: "gufe.components.solventcomponent",
      text: `{"__qualname__": "SolventComponent", "__module__": "gufe.components.solventcomponent", ":version:": 1, "smiles": "${smiles}", "positive_ion": "Na+", "negative_ion": "Cl-", "neutralize": true, "ion_concentration": "0.15 molar"}`,
      references: [],
      height: 0,
    });
    const first = sampleNetwork({ scope });
    await under.store.networks.submit({ ...first, entries: [solvent("O"), ...first.entries] }, user);
    const second = sampleNetwork({ scope, networkName: "second" });
    const submitted = under.store.networks.submit({ ...second, entries: [solvent("C"), ...second.entries] }, user);
    await expect(submitted).rejects.toThrow(ObjectsDiffer);
    await expect(submitted).rejects.toMatchObject({ data: { key: solvent("O").key, count: 1 } });
    expect(await under.store.objects.exists(`${second.network.key}-${scope}` as ScopedKey)).toBe(false);
  });

  it("come packed as they come whole", async () => {
    const { scope, ...submission } = sampleNetwork({ scope: under.scope(), name: "Füßchen 😀", transformations: 5 });
    const { network } = await under.store.networks.submit(
      { ...submission, scope, entries: packEntries(submission.entries) },
      user,
    );
    const packed = await under.store.objects.packedChain(network);
    expect(packed === null ? null : [...unpackObjects(packed)]).toEqual(await under.store.objects.chain(network));
    expect(packed?.keys.toSorted()).toEqual(submission.entries.map(({ key }) => key).toSorted());
    expect(await under.store.objects.packedChain(unknownNetwork(scope))).toBeNull();
  });

  it("keep a valid order of the chain also where the stored objects stand higher than the submitted ones", async () => {
    const scope = under.scope();
    const sample = sampleNetwork({ scope, transformations: 1 });
    const entry = (key: string, references: string[], height: number) => ({
      key,
      qualname: "X",
      module: "m",
      text: JSON.stringify(references),
      references,
      height,
    });
    await under.store.networks.submit(
      { ...sample, entries: [entry("X-1", [], 0), entry("X-2", ["X-1"], 1), entry("X-3", ["X-2"], 2), ...sample.entries] },
      user,
    );
    const second = sampleNetwork({ scope, transformations: 1, networkName: "second" });
    // Here X-3 seems to refer to nothing, so what is built on it seems low.
    await under.store.networks.submit(
      { ...second, entries: [entry("X-3", [], 0), entry("X-4", ["X-3"], 1), ...second.entries] },
      user,
    );
    expect((await under.store.objects.chain(`X-4-${scope}` as ScopedKey))?.map(({ key }) => key)).toEqual([
      "X-1",
      "X-2",
      "X-3",
      "X-4",
    ]);
  });

  it("may be submitted by several at once", async () => {
    const scope = under.scope();
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        under.store.networks.submit(sampleNetwork({ scope, transformations: 20, networkName: `n${i % 2}` }), user),
      ),
    );
    expect(new Set(replies.map(({ network }) => network)).size).toBe(2);
    expect(replies.filter(({ created }) => created)).toHaveLength(2);
    expect(await under.store.networks.queryTransformations({ scopes: [scope] })).toHaveLength(20);
  });

  it("are found by patterns for the whole name and state, and by scopes with wildcards", async () => {
    const scope = "find1-c-p";
    const named = await under.network({ scope, networkName: "tyk2 (v1.0)" });
    const nameless = await under.network({ scope: "find1-c-q", networkName: null });
    const query = (filter: object) => under.store.networks.query({ scopes: ["find1-*-*" as Scope], ...filter });
    expect(await query({})).toEqual([named.network, nameless.network]);
    expect(await query({ name: "tyk2 \\(v1.0\\)" })).toEqual([named.network]);
    expect(await query({ name: "tyk2" })).toEqual([]);
    expect(await query({ name: "(?i)TYK2.*" })).toEqual([named.network]);
    expect(await query({ name: ".*" })).toEqual([named.network]);
    expect(await query({ name: "' or 1=1 --" })).toEqual([]);
    expect(await query({ state: "active|inactive" })).toHaveLength(2);
    expect(await query({ state: "inactive" })).toEqual([]);
    expect(await under.store.networks.query({ scopes: [] })).toEqual([]);
    expect(await under.store.networks.query({ scopes: ["find1-c-q", "find1-c-*"] as Scope[] })).toHaveLength(2);
    for (const bad of ["(", "[a", "a{2,1}", "(?=a)"]) await expect(query({ name: bad })).rejects.toThrow(InvalidPattern);
    await expect(query({ state: "*" })).rejects.toMatchObject({ name: "InvalidPattern", data: { pattern: "*" } });
    await expect(query({ name: `(a*)*${"b".repeat(10_000)}` })).rejects.toThrow(InvalidPattern);
  });

  it("have Transformations and ChemicalSystems that are found by exact name, ordered by place and key", async () => {
    const a = await under.network({ scope: "find2-b-p", transformations: 3 });
    const b = await under.network({ scope: "find2-a-p", transformations: 3 });
    const scopes = ["find2-*-*" as Scope];
    const all = await under.store.networks.queryTransformations({ scopes });
    expect(all).toEqual([...[...b.transformations].sort(), ...[...a.transformations].sort()]);
    expect(await under.store.networks.queryTransformations({ scopes, name: "transformation 1" })).toEqual([
      nth(b.transformations, 1),
      nth(a.transformations, 1),
    ]);
    expect(await under.store.networks.queryTransformations({ scopes, name: "transformation.*" })).toEqual([]);
    expect(await under.store.networks.queryChemicalSystems({ scopes, name: "center" })).toEqual([
      nth(b.systems, 0),
      nth(a.systems, 0),
    ]);
  });

  it("relate to Transformations and ChemicalSystems in both directions", async () => {
    const { network, transformations, systems } = await under.network({ transformations: 3 });
    const { networks } = under.store;
    expect((await networks.transformationsOf(network)).sort()).toEqual([...transformations].sort());
    expect((await networks.chemicalSystemsOf(network)).sort()).toEqual([...systems].sort());
    expect(await networks.networksOfTransformation(nth(transformations, 0))).toEqual([network]);
    expect(await networks.networksOfChemicalSystem(nth(systems, 1))).toEqual([network]);
    expect((await networks.transformationsOfChemicalSystem(nth(systems, 0))).sort()).toEqual([...transformations].sort());
    expect(await networks.chemicalSystemsOfTransformation(nth(transformations, 2))).toEqual([nth(systems, 0), nth(systems, 3)]);
    const missing = unknownNetwork("o-c-p");
    expect(await networks.transformationsOf(missing)).toEqual([]);
    expect(await networks.chemicalSystemsOf(nth(transformations, 0))).toEqual([]);
  });

  it("may have a NonTransformation, whose one system is listed once", async () => {
    const scope = under.scope();
    const sample = sampleNetwork({ scope, transformations: 1 });
    const [transformation] = sample.transformations;
    if (transformation === undefined) throw new Error("the sample has a transformation");
    const submission = {
      ...sample,
      transformations: [{ ...transformation, qualname: "NonTransformation" as const, stateB: transformation.stateA }],
    };
    await under.store.networks.submit(submission, user);
    expect(await under.store.networks.chemicalSystemsOfTransformation(`${transformation.key}-${scope}` as ScopedKey)).toEqual([
      `${transformation.stateA}-${scope}`,
    ]);
    expect(
      await under.store.networks.transformationsOfChemicalSystem(`${transformation.stateA}-${scope}` as ScopedKey),
    ).toHaveLength(1);
  });

  it("take any state after any other, null where missing, the last one where named twice", async () => {
    const [one, two] = [await under.network(), await under.network()];
    const missing = unknownNetwork(one.scope);
    const states: NetworkState[] = ["inactive", "invalid", "deleted", "active"];
    for (const state of states) {
      expect(await under.store.networks.setStates([one.network, missing, two.network], [state, state, "inactive"], user)).toEqual(
        [one.network, null, two.network],
      );
      expect(await under.store.networks.getStates([two.network, missing, one.network])).toEqual(["inactive", null, state]);
    }
    await under.store.networks.setStates([one.network, one.network], ["invalid", "deleted"], user);
    expect(await under.store.networks.getStates([one.network])).toEqual(["deleted"]);
    expect(await under.store.networks.setStates([], [], user)).toEqual([]);
  });

  it("have weights that come back as the same numbers", async () => {
    const { network } = await under.network();
    for (const weight of [0, 1, 0.1, 0.1 + 0.2, 1 / 3, 5e-324, 1e-12, 0.9999999999999999]) {
      expect(await under.store.networks.setWeights([network, unknownNetwork("o-c-p")], [weight, weight], user)).toEqual([
        network,
        null,
      ]);
      expect(await under.store.networks.getWeights([network, unknownNetwork("o-c-p")])).toEqual([weight, null]);
    }
  });

  it("count Tasks by status: once each, however many networks share them", async () => {
    const one = await under.network({ transformations: 2 });
    const two = await under.network({ scope: one.scope, transformations: 2, networkName: "two", state: "inactive" });
    const tasks = await create(under.store, nth(one.transformations, 0), 6);
    await create(under.store, nth(one.transformations, 1), 2);
    await bringTo(under.store, nth(tasks, 0), "invalid");
    await bringTo(under.store, nth(tasks, 1), "error");
    const counts = { waiting: 6, invalid: 1, error: 1 };
    const { networks } = under.store;
    expect(await networks.statuses([one.network, unknownNetwork(one.scope), one.network, two.network])).toEqual([
      counts,
      {},
      counts,
      counts,
    ]);
    expect(await networks.transformationStatus(nth(one.transformations, 0))).toEqual({ waiting: 4, invalid: 1, error: 1 });
    expect(await networks.transformationStatus(unknownNetwork(one.scope))).toEqual({});
    expect(await networks.scopeStatus({ scopes: [one.scope] })).toEqual(counts);
    expect(await networks.scopeStatus({ scopes: [one.scope], networkState: "in.*" })).toEqual(counts);
    expect(await networks.scopeStatus({ scopes: [one.scope], networkState: "deleted" })).toEqual({});
    expect(await networks.scopeStatus({ scopes: ["nowhere-*-*" as Scope] })).toEqual({});
    expect(await networks.scopeStatus({ scopes: [] })).toEqual({});
    await expect(networks.scopeStatus({ scopes: [one.scope], networkState: "(" })).rejects.toThrow(InvalidPattern);
  });
});
