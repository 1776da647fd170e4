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
});
