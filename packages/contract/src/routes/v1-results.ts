/** Our own routes for results: all of a network or of a Transformation in one stream, the bytes of one, or where they can be had; and results from elsewhere. */
import { Type } from "typebox";
import { networkParam, pathKeys, taskParam, transformationParam, userGet, userPost } from "../declare-route.ts";
import { ScopedKeyText } from "../wire-types.ts";
import { afterCursor, Cursor } from "./v1-cursor.ts";

/** What is known of a result beside its bytes. */
const ResultFacts = Type.Object({
  cursor: Cursor,
  ref: ScopedKeyText,
  task: ScopedKeyText,
  transformation: ScopedKeyText,
  /** gufe key of the ProtocolDAGResult. */
  result: Type.String(),
  ok: Type.Boolean(),
  /** ISO 8601, UTC. */
  created: Type.Union([Type.String(), Type.Null()]),
  /** The compute service. */
  creator: Type.Union([Type.String(), Type.Null()]),
});

const FailureWithoutResult = Type.Object({
  /** ISO 8601, UTC. */
  at: Type.String(),
  /** The compute service. */
  service: Type.Union([Type.String(), Type.Null()]),
  /** Class and message. */
  exception: Type.String(),
  traceback: Type.String(),
});

export const resultStreamMedia = "application/vnd.alchemiscale.results";
export const resultLinesMedia = "application/x-ndjson";
export const storedResultMedia = "application/octet-stream";

const streamed = {
  query: {
    include: Type.Optional(Type.Union([Type.Literal("results"), Type.Literal("metadata")])),
    ok: Type.Optional(Type.Boolean()),
    ...afterCursor,
  },
  reply: ResultFacts,
  media: [resultStreamMedia, resultLinesMedia],
  errors: "problem",
} as const;
const ofTransformation = { permission: pathKeys("transformation"), params: transformationParam } as const;
const ofRef = { permission: pathKeys("ref"), params: { ref: ScopedKeyText }, errors: "problem" } as const;

export const v1ResultRoutes = {
  networkResults: userGet({
    path: "/v1/networks/:network/results",
    summary: "Every result of a network, one after the other",
    description:
      "One JSON line for each result. Unless `include=metadata`, a line has the member `bytes`, and so many bytes, as they are stored, and a " +
      "line feed follow it. The last line has the member `end`; a stream without it was cut, and is taken up again with `after=` the last `cursor`. " +
      "Results that land while the stream runs are not part of it: ask again with `after=` the cursor of its end.",
    permission: pathKeys("network"),
    params: networkParam,
    ...streamed,
    query: { ...streamed.query, transformation: Type.Optional(ScopedKeyText) },
  }),
  transformationResultStream: userGet({
    path: "/v1/transformations/:transformation/results",
    summary: "Every result of a Transformation, one after the other",
    description: "As the results of a network.",
    ...ofTransformation,
    ...streamed,
  }),
  importResult: userPost({
    path: "/v1/transformations/:transformation/results",
    summary: "Takes in a result that was computed elsewhere",
    description:
      "The body is one zstd frame of the keyed chain of a ProtocolDAGResult, kept as it is sent. The result gets a Task of its own, which is " +
      "`complete` (`error`, where a unit failed) and on no hub. One that the Transformation has already, by its key, is left as it is: " +
      "`imported` is false.",
    ...ofTransformation,
    body: Type.Unsafe<Uint8Array>({ type: "string", contentEncoding: "binary" }),
    bodyKind: "stream",
    reply: Type.Object({ ref: ScopedKeyText, task: ScopedKeyText, imported: Type.Boolean() }),
    errors: "problem",
  }),
  failuresWithoutResult: userGet({
    path: "/v1/tasks/:task/failures",
    summary: "Failures of a Task that left no result, as no ProtocolDAG could be made; oldest first",
    description: "Failures of units are results: `ok=false`.",
    permission: pathKeys("task"),
    params: taskParam,
    reply: Type.Object({ failures: Type.Array(FailureWithoutResult) }),
    errors: "problem",
  }),
  storedResult: userGet({
    path: "/v1/results/:ref",
    summary: "The stored bytes of a result, or a range of them",
    ...ofRef,
    headers: Type.Object({ range: Type.Optional(Type.String({ examples: ["bytes=0-1023"] })) }),
    reply: Type.Unsafe<Uint8Array>({ type: "string", contentEncoding: "binary" }),
    media: [storedResultMedia],
  }),
  resultUrl: userGet({
    path: "/v1/results/:ref/url",
    summary: "An address at the object store from which anyone may read the result for some time",
    description:
      "Needs an object store with addresses of its own (S3); on others the answer is 501, and `/v1/results/{ref}` has the bytes.",
    ...ofRef,
    query: { seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, default: 3600 })) },
    reply: Type.Object({
      url: Type.String(),
      /** ISO 8601, UTC. */
      expires: Type.String(),
    }),
  }),
} as const;
