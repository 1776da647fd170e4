import type { Scope } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("identities", (under) => {
  it("are created, read, listed and removed, a namespace for each type", async () => {
    const { identities } = under.store;
    await identities.put("user", "ana", "hash-1");
    await identities.put("compute", "ana", "hash-2");
    expect(await identities.get("user", "ana")).toEqual({
      identifier: "ana",
      hashedKey: "hash-1",
      disabled: false,
      expires: null,
      scopes: [],
    });
    expect((await identities.get("compute", "ana"))?.hashedKey).toBe("hash-2");
    expect(await identities.list("user")).toContain("ana");
    await identities.remove("user", "ana");
    await identities.remove("user", "ana");
    expect(await identities.get("user", "ana")).toBeNull();
    expect(await identities.get("compute", "ana")).not.toBeNull();
  });

  it("keep scopes in the order they were added, without duplicates", async () => {
    const { identities } = under.store;
    await identities.put("user", "bo", "hash");
    await identities.addScopes("user", "bo", ["o-c-p", "a-*-*", "o-c-p"] as Scope[]);
    await identities.addScopes("user", "bo", ["a-*-*", "*-*-*"] as Scope[]);
    expect(await identities.listScopes("user", "bo")).toEqual(["o-c-p", "a-*-*", "*-*-*"]);
    await identities.removeScopes("user", "bo", ["a-*-*", "z-*-*"] as Scope[]);
    await identities.removeScopes("user", "bo", ["a-*-*"] as Scope[]);
    expect(await identities.listScopes("user", "bo")).toEqual(["o-c-p", "*-*-*"]);
  });

  it("lose their scopes and take the new key when they are put again", async () => {
    const { identities } = under.store;
    await identities.put("user", "cy", "old");
    await identities.addScopes("user", "cy", ["o-c-p" as Scope]);
    await identities.put("user", "cy", "new");
    expect(await identities.get("user", "cy")).toMatchObject({ hashedKey: "new", scopes: [] });
  });

  it("need not exist for scopes to be asked for or changed", async () => {
    const { identities } = under.store;
    await identities.addScopes("compute", "nobody", ["o-c-p" as Scope]);
    await identities.removeScopes("compute", "nobody", ["o-c-p" as Scope]);
    expect(await identities.listScopes("compute", "nobody")).toEqual([]);
  });

  it("may have any characters in their names, which are data and never SQL", async () => {
    const { identities } = under.store;
    for (const name of ["o'; drop table identity; --", "ünï cødé 🧪", "a\u0000b", "\ud800"]) {
      await identities.put("user", name, "hash");
      expect(await identities.get("user", name)).not.toBeNull();
    }
  });

  it("are added once, described without their keys, and changed one thing at a time", async () => {
    const { identities } = under.store;
    const by = { identity: "root" };
    const fresh = { hashedKey: "hash-1", scopes: ["b-*-*", "a-b-c", "b-*-*"] as Scope[], expires: 2_000_000_000_000_000 };
    expect(await identities.add("user", "dee", fresh, by)).toBe(true);
    expect(await identities.add("user", "dee", { ...fresh, hashedKey: "hash-2" }, by)).toBe(false);
    expect(await identities.get("user", "dee")).toEqual({
      identifier: "dee",
      hashedKey: "hash-1",
      disabled: false,
      expires: fresh.expires,
      scopes: ["b-*-*", "a-b-c"],
    });
    expect(await identities.setKey("user", "dee", "hash-3", by)).toBe(true);
    expect(await identities.setDisabled("user", "dee", true, by)).toBe(true);
    expect(await identities.setExpires("user", "dee", null, by)).toBe(true);
    expect(await identities.get("user", "dee")).toMatchObject({ hashedKey: "hash-3", disabled: true, expires: null });
    expect((await identities.describe({ type: "user", limit: 1000 })).find(({ identifier }) => identifier === "dee")).toEqual({
      type: "user",
      identifier: "dee",
      disabled: true,
      expires: null,
      scopes: ["b-*-*", "a-b-c"],
    });
    for (const change of [
      identities.setKey("user", "nobody", "h", by),
      identities.setDisabled("user", "nobody", true, by),
      identities.setExpires("user", "nobody", null, by),
      identities.addScopes("user", "nobody", ["a-*-*" as Scope], by),
      identities.remove("user", "nobody", by),
    ])
      expect(await change).toBe(false);
  });

  it("are described a page at a time", async () => {
    const { identities } = under.store;
    for (const name of ["p1", "p2", "p3"]) await identities.put("admin", name, "hash");
    const names: string[] = [];
    for (let after: { type: string; identifier: string } | undefined; ; ) {
      const page = await identities.describe({ limit: 2, ...(after === undefined ? {} : { after }) });
      names.push(...page.map(({ type, identifier }) => `${type}/${identifier}`));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last;
    }
    expect(names).toEqual(expect.arrayContaining(["admin/p1", "admin/p2", "admin/p3", "user/bo"]));
    expect(new Set(names).size).toBe(names.length);
  });

  it("leave a record of every change, who made it and never a key", async () => {
    const { identities } = under.store;
    await identities.put("compute", "eve", "the-hash");
    await identities.addScopes("compute", "eve", ["o-*-*" as Scope], { identity: "root" });
    await identities.addScopes("compute", "eve", ["o-*-*" as Scope], { identity: "root" });
    await identities.setDisabled("compute", "eve", true, { identity: "root" });
    await identities.remove("compute", "eve", { identity: "root" });
    const changes = (await identities.changes(null, 100)).filter(({ identifier }) => identifier === "eve");
    expect(changes.map(({ change, actor }) => [change, actor])).toEqual([
      ["removed", "root"],
      ["disabled", "root"],
      ["scopes added: o-*-*", "root"],
      ["added, or given another key, enabled and left without scopes", null],
    ]);
    expect(JSON.stringify(changes)).not.toContain("hash");
    const [newest, second] = changes;
    if (newest === undefined || second === undefined) throw new Error("unreachable");
    expect((await identities.changes(newest.id, 1))[0]).toEqual(second);
  });
});
