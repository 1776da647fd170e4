/**
 * The pieces that bodies and replies are made of. `x-wire` names what JSON Schema cannot say: how the text or object is read into
 * one of our types.
 */
import { type TUnsafe, Type } from "typebox";
import type { ComputeManagerId } from "./compute-manager-id.ts";
import type { ComputeServiceId } from "./compute-service-id.ts";
import type { Scope } from "./scope.ts";
import type { ScopedKey, ScopedKeyParts } from "./scoped-key.ts";
import { taskStatuses } from "./statuses.ts";

/** Readers beyond plain JSON Schema. */
export type WireType =
  | "scoped-key"
  | "scoped-key-or-blank"
  | "scope-text"
  | "scope-object"
  | "compute-service-id"
  | "compute-manager-id"
  | "int64"
  | "json";

function wire<T>(type: WireType, schema: object): TUnsafe<T> {
  return Type.Unsafe<T>({ ...schema, "x-wire": type });
}

const scopedKeyObjectSchema = {
  type: "object",
  properties: {
    gufe_key: { type: "string" },
    org: { type: "string" },
    campaign: { type: "string" },
    project: { type: "string" },
  },
  required: ["gufe_key", "org", "campaign", "project"],
};

/** In paths and replies: `<Class>-<token>-<org>-<campaign>-<project>`. */
export const ScopedKeyText = wire<ScopedKey>("scoped-key", { type: "string", examples: ["Task-76c1-org-campaign-project"] });

/** In bodies either form is read, whichever the Python client sends. */
export const ScopedKeyInBody = wire<ScopedKey>("scoped-key", { oneOf: [{ type: "string" }, scopedKeyObjectSchema] });

/** Some lists name "none" by an empty text as well as by null. */
export const ScopedKeyOrBlank = wire<ScopedKey | null>("scoped-key-or-blank", {
  oneOf: [{ type: "string" }, scopedKeyObjectSchema, { type: "null" }],
});

/** In a few replies: the key as an object. */
export const ScopedKeyObject = Type.Unsafe<ScopedKeyParts>(scopedKeyObjectSchema);

/** The key as an object, and whether the provenance that came with the result is kept; nothing of that where none came. */
export const PostedResult = Type.Unsafe<ScopedKeyParts & { readonly provenance?: boolean }>({
  ...scopedKeyObjectSchema,
  properties: { ...scopedKeyObjectSchema.properties, provenance: { type: "boolean" } },
});

export const ScopeText = wire<Scope>("scope-text", { type: "string", examples: ["org-campaign-*"] });

const scopeComponent = { type: ["string", "null"] };
export const ScopeObject = wire<Scope>("scope-object", {
  type: "object",
  properties: { org: scopeComponent, campaign: scopeComponent, project: scopeComponent },
  additionalProperties: false,
});

export const ComputeServiceIdText = wire<ComputeServiceId>("compute-service-id", { type: "string" });
export const ComputeManagerIdText = wire<ComputeManagerId>("compute-manager-id", { type: "string" });

/** Integers that exceed what a double holds: priorities. */
export const Int64 = wire<bigint>("int64", { type: "integer", format: "int64" });

/** A gufe object in the form of a keyed chain; its text passes through as it is. */
export const KeyedChain = wire<unknown>("json", { type: "array", items: { type: "array" } });

/** Any JSON, not looked at here. */
export const AnyJson = wire<unknown>("json", {});

export const Nothing = Type.Null();
export const ScopedKeys = Type.Array(ScopedKeyText);
export const ScopedKeysOrNulls = Type.Array(Type.Union([ScopedKeyText, Type.Null()]));
export const ScopedKeyOrNull = Type.Union([ScopedKeyText, Type.Null()]);

/** Task status → number of Tasks; statuses without Tasks are absent. */
export const StatusCounts = Type.Unsafe<Readonly<Partial<Record<(typeof taskStatuses)[number], number>>>>({
  type: "object",
  properties: Object.fromEntries(taskStatuses.map((status) => [status, { type: "integer" }])),
});

/** Scope components of a query; a malformed combination is 400, so they are plain texts here. */
export const scopeQuery = {
  org: Type.Optional(Type.String()),
  campaign: Type.Optional(Type.String()),
  project: Type.Optional(Type.String()),
};

/** Bare class names of Protocols; at least one. */
export const ProtocolNames = Type.Array(Type.String({ pattern: "^[a-zA-Z][a-zA-Z0-9_]*$" }), { minItems: 1 });

export const Empty = Type.Object({});
