/** Our own routes for what a compute service claims: it hears at once when a claim ends, and may give claims back. */
import { Type } from "typebox";
import { anyToken, bodyKeys, computeGet, computePost } from "../declare-route.ts";
import { taskStatuses } from "../statuses.ts";
import { ComputeServiceIdText, ScopedKeys, ScopedKeyText } from "../wire-types.ts";

const Claims = Type.Object({ claims: Type.Array(Type.Object({ task: ScopedKeyText, actioned: Type.Boolean() })) });

/** A line of the stream; which members it has says what it is. */
const ClaimNews = Type.Union([
  /** The first line: all that the service claims. */
  Claims,
  /** The claim of a Task ended otherwise than by the service's own result; `status`: what the Task became. */
  Type.Object({ lost: ScopedKeyText, status: Type.Enum(taskStatuses) }),
  /** A claimed Task is on no hub any more. */
  Type.Object({ unactioned: ScopedKeyText }),
  /** The last line where the service is not registered (any more): nothing is claimed. */
  Type.Object({ registered: Type.Literal(false) }),
]);

export const claimNewsMedia = "application/x-ndjson";

const params = { service: ComputeServiceIdText };

export const v1ServiceClaimRoutes = {
  claimNews: computeGet({
    path: "/v1/computeservices/:service/claims",
    summary: "What a compute service claims, and what becomes of it as it happens",
    description:
      "Every running task that the service claims, and whether it is actioned anywhere. With `Accept: application/x-ndjson` a stream of JSON lines: " +
      "this is the first one; then comes a line for each task that the service loses otherwise than by its own result (`lost`, `status`), and for each " +
      "that is actioned nowhere any more (`unactioned`). `registered: false`, the last line, means that nothing is claimed. An empty line is a sign of life.",
    permission: anyToken,
    params,
    headers: Type.Object({ accept: Type.Optional(Type.String({ examples: [claimNewsMedia] })) }),
    reply: ClaimNews,
    media: ["application/json", claimNewsMedia],
    errors: "problem",
  }),
  releaseClaims: computePost({
    path: "/v1/computeservices/:service/release",
    summary: "Gives claims back: the tasks wait again",
    description: "Those that the service does not claim (any more) stay as they are. Replies with those that wait again.",
    permission: bodyKeys("tasks"),
    params,
    body: Type.Object({
      tasks: ScopedKeys,
      /** For the history of the tasks. */
      reason: Type.Optional(Type.String({ maxLength: 1000 })),
    }),
    reply: Type.Object({ released: ScopedKeys }),
    errors: "problem",
  }),
} as const;
