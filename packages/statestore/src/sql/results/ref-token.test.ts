import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { hubToken } from "../networks/hub-token.ts";
import { refToken } from "./ref-token.ts";

interface Row {
  readonly name: string;
  readonly key: string;
  readonly dict: Record<string, string | boolean | null>;
  readonly hashed_text: string | null;
}
const { rows } = JSON.parse(readFileSync(new URL("../../../test/fixtures/server_objects.json", import.meta.url), "utf8")) as {
  rows: Row[];
};
const text = (value: unknown) => (typeof value === "string" ? value : null);

it.each(rows.filter(({ name }) => name.startsWith("ProtocolDAGResultRef")))(
  "$name has the key that Python gives it",
  ({ key, dict }) => {
    const token = refToken({
      location: text(dict.location),
      resultKey: text(dict.obj_key) ?? "",
      scope: text(dict.scope) ?? "",
      ok: dict.ok === true,
      created: text(dict.datetime_created),
      creator: text(dict.creator),
    });
    expect(`ProtocolDAGResultRef-${token}`).toBe(key);
  },
);

it("characters outside ASCII are hashed as Python writes them", () => {
  const written =
    '{"__module__": "alchemiscale.storage.models", "__qualname__": "ProtocolDAGResultRef", "creator": "\\u00e9\\ud83e\\uddea\\u007f\\"", "obj_key": "k", "ok": true, "scope": "o-c-p"}';
  expect(refToken({ location: null, resultKey: "k", scope: "o-c-p", ok: true, created: null, creator: 'é🧪\u007f"' })).toBe(
    createHash("md5").update(written).digest("hex"),
  );
});

it.each(rows.filter(({ name }) => name === "TaskHub" || name === "NetworkMark"))(
  "$name has the key that Python gives it",
  ({ key, dict }) => {
    const network = text(dict.network) ?? text(dict.target) ?? "";
    expect(key.endsWith(`-${hubToken(network as ScopedKey)}`)).toBe(true);
  },
);

it("the vectors of the specification", () => {
  expect(hubToken("AlchemicalNetwork-0123456789abcdef0123456789abcdef-org-camp-proj" as ScopedKey)).toBe(
    "9af551688b75922e705687cb85e6996d",
  );
  expect(
    refToken({
      location: null,
      resultKey: "ProtocolDAGResult-bb",
      scope: "org-camp-proj",
      ok: false,
      created: null,
      creator: null,
    }),
  ).toBe("689105844bac04c91f322f0298d565c7");
});
