/** Results that come from elsewhere, and the results of one Transformation in parts. */
import type { ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { TransformationNotFound } from "../src/errors.ts";
import type { ResultImport } from "../src/index.ts";
import { create, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

function imported(transformation: ScopedKey, n: number, result: Partial<ResultImport> = {}): ResultImport {
  return {
    transformation,
    resultKey: keyOf(n),
    ok: true,
    location: `protocoldagresult/a/${n}`,
    created: "2026-03-01T00:00:00.000001+00:00",
    failures: [],
    extendsKey: null,
    actor: user,
    ...result,
  };
}

function keyOf(n: number): string {
  return `ProtocolDAGResult-${n.toString(16).padStart(32, "0")}`;
}

onEveryEngine("imported results", (under) => {
  const part = { after: 0, until: null, ok: null, limit: 100 };
  const transformationOf = async () => {
    const { network, transformations } = await under.network({ transformations: 2 });
    return { network, transformation: nth(transformations, 0), other: nth(transformations, 1) };
  };

  it("have a Task of their own that has come to its end, with a trace of who and why", async () => {
    const { store } = under;
    const { network, transformation } = await transformationOf();
    const { ref, task, imported: isNew } = await store.results.import(imported(transformation, 1));
    expect(isNew).toBe(true);
    expect(await store.tasks.getStatuses([task])).toEqual(["complete"]);
    expect(await store.hubs.actionedNetworks(task)).toEqual(new Map());
    expect(await store.results.ofTask(task, true)).toEqual([ref]);
    expect(await store.results.ofTransformation(transformation, true)).toEqual([ref]);
    expect(await store.results.find(ref)).toMatchObject({ ref, task, resultKey: keyOf(1), ok: true, creator: "imported" });
    expect((await store.events.ofTask(task)).map(({ kind, to, identity, reason }) => [kind, to, identity, reason])).toEqual([
      ["create", "complete", "user", "imported"],
      ["result", "ok", "user", "imported"],
    ]);
    expect((await store.results.ofNetwork(network, { ...part, transformation: null }))?.results.map((r) => r.ref)).toEqual([ref]);
  });

  it("that are there already are not written again, whichever Task has them", async () => {
    const { store } = under;
    const { transformation, other } = await transformationOf();
    const first = await store.results.import(imported(transformation, 1));
    expect(await store.results.import(imported(transformation, 1, { location: "elsewhere" }))).toEqual({
      ...first,
      imported: false,
    });
    const [task] = await create(store, transformation, 1);
    await store.results.report(report(nth([task], 0) as ScopedKey, "svc", { resultKey: keyOf(2) }));
    expect(await store.results.import(imported(transformation, 2))).toMatchObject({ task, imported: false });
    expect((await store.results.import(imported(other, 1))).imported).toBe(true);
    expect(await store.tasks.ofTransformation(transformation)).toHaveLength(2);
    expect(await store.results.withKey(transformation, keyOf(1), true)).toMatchObject({ ref: first.ref });
    expect(await store.results.withKey(transformation, keyOf(1), false)).toBeNull();
    expect(await store.results.withKey(transformation, keyOf(3), true)).toBeNull();
  });

  it("are written once by many at once", async () => {
    const { store } = under;
    const { transformation } = await transformationOf();
    const all = await Promise.all(Array.from({ length: 16 }, (_, i) => store.results.import(imported(transformation, i % 4))));
    expect(all.filter((one) => one.imported)).toHaveLength(4);
    expect(new Set(all.map(({ ref }) => ref)).size).toBe(4);
    expect(await store.tasks.ofTransformation(transformation)).toHaveLength(4);
  });

  it("that failed leave a Task in error with its tracebacks", async () => {
    const { store } = under;
    const { transformation } = await transformationOf();
    const failures = [{ sourceKey: "U-1", failureKey: "F-1", traceback: "boom" }];
    const { ref, task } = await store.results.import(imported(transformation, 1, { ok: false, failures }));
    expect(await store.tasks.getStatuses([task])).toEqual(["error"]);
    expect(await store.results.tracebacks(ref)).toEqual(failures);
    expect(await store.results.ofTransformation(transformation, false)).toEqual([ref]);
  });

  it("extend the Task of what they extend, where that is there", async () => {
    const { store } = under;
    const { transformation } = await transformationOf();
    const { task: first } = await store.results.import(imported(transformation, 1));
    const { task: second } = await store.results.import(imported(transformation, 2, { extendsKey: keyOf(1) }));
    const { task: third } = await store.results.import(imported(transformation, 3, { extendsKey: keyOf(9) }));
    expect(await store.tasks.ofTransformation(transformation)).toEqual([
      { task: first, extends: null },
      { task: second, extends: first },
      { task: third, extends: null },
    ]);
  });

  it("of a Transformation that is not there are refused", async () => {
    const { transformation } = await transformationOf();
    const missing = transformation.replace(/-[0-9a-f]{32}-/, `-${"0".repeat(32)}-`) as ScopedKey;
    await expect(under.store.results.import(imported(missing, 1))).rejects.toThrow(TransformationNotFound);
    expect(await under.store.results.partOfTransformation(missing, part)).toBeNull();
  });

  it("come with the others of their Transformation in parts that miss nothing", async () => {
    const { store } = under;
    const { transformation, other } = await transformationOf();
    const refs: ScopedKey[] = [];
    for (let n = 1; n <= 7; n += 1) {
      refs.push((await store.results.import(imported(transformation, n, { ok: n % 3 !== 0 }))).ref);
      await store.results.import(imported(other, n));
    }
    const found: ScopedKey[] = [];
    for (let after = 0, until: number | null = null; ; ) {
      const next = await store.results.partOfTransformation(transformation, { ...part, after, until, limit: 3 });
      if (next === null) throw new Error("the Transformation is there");
      found.push(...next.results.map(({ ref }) => ref));
      if (next.after >= next.until) break;
      ({ after, until } = next);
    }
    expect(found).toEqual(refs);
    const failed = await store.results.partOfTransformation(transformation, { ...part, ok: false });
    expect(failed?.results.map(({ ref }) => ref)).toEqual([refs[2], refs[5]]);
  });
});
