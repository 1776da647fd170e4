/** Our own routes for what is kept beside a result: where and how its units ran, and files that they left. */
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { computePost, pathKeys, userGet } from "../declare-route.ts";
import { ScopedKeyText } from "../wire-types.ts";

const ofRef = { permission: pathKeys("ref"), params: { ref: ScopedKeyText }, errors: "problem" } as const;
const ofFile = {
  permission: pathKeys("ref"),
  params: { ref: ScopedKeyText, name: Type.String({ description: "As given by the service, percent-encoded" }) },
  errors: "problem",
} as const;

/** An attempt of a unit. Executors may say more. */
const AttemptProvenance = Type.Object({
  unit: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  attempt: Type.Integer(),
  ok: Type.Boolean(),
  /** ISO 8601, UTC. */
  started: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  ended: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** Wall time. */
  seconds: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  cpu_seconds: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  peak_memory_bytes: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});

/** Where and how a result was computed, as the compute service tells it. */
export const Provenance = Type.Object({
  executor: Type.Object({ name: Type.String(), version: Type.String() }),
  host: Type.Object({
    name: Type.String(),
    cpu: Type.Object({ model: Type.String(), cores: Type.Integer() }),
    gpus: Type.Array(Type.Object({ name: Type.String(), uuid: Type.String(), driver: Type.String() })),
  }),
  /** Versions of what ran it, by name. */
  packages: Type.Record(Type.String(), Type.String()),
  units: Type.Array(AttemptProvenance),
});

export type Provenance = Static<typeof Provenance>;

export function isProvenance(value: unknown): value is Provenance {
  return Check(Provenance, value);
}

export const keptFileMedia = "application/octet-stream";

/** On the port of the compute API. */
export const computeResultCompanionRoutes = {
  postProvenance: computePost({
    path: "/v1/results/:ref/provenance",
    summary: "Says where and how a result was computed",
    description: "Kept beside the result; a second one replaces the first.",
    ...ofRef,
    body: Provenance,
    // Kept as it is sent, with members that are not named here.
    bodyKind: "stream",
    reply: Type.Object({ ref: ScopedKeyText }),
  }),
  postKeptFile: computePost({
    path: "/v1/results/:ref/files/:name",
    summary: "Keeps a file beside a result",
    description: "The body is the file. A second one of the name replaces the first. Files are removed in time, by age and size.",
    ...ofFile,
    body: Type.Unsafe<Uint8Array>({ type: "string", contentEncoding: "binary" }),
    bodyKind: "stream",
    reply: Type.Object({ name: Type.String(), bytes: Type.Integer() }),
  }),
} as const;

/** On the port of the user API. */
export const userResultCompanionRoutes = {
  provenance: userGet({
    path: "/v1/results/:ref/provenance",
    summary:
      "Where and how a result was computed: host, versions, and time, processor time and memory of each attempt of each unit",
    description: "404 where the compute service did not tell (Python services do not).",
    ...ofRef,
    reply: Provenance,
  }),
  keptFiles: userGet({
    path: "/v1/results/:ref/files",
    summary: "The files that are kept beside a result",
    ...ofRef,
    reply: Type.Object({ files: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Integer() })) }),
  }),
  keptFile: userGet({
    path: "/v1/results/:ref/files/:name",
    summary: "A file that is kept beside a result",
    ...ofFile,
    reply: Type.Unsafe<Uint8Array>({ type: "string", contentEncoding: "binary" }),
    media: [keptFileMedia],
  }),
} as const;
