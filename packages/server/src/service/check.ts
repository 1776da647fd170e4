/** `GET /check` of both APIs: are the two stores there? */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../transport/handler.ts";
import { unavailable } from "../transport/http-error.ts";

export const check: Handler<typeof userRoutes.check> = async ({ context }) => {
  const [state, objects] = await Promise.allSettled([context.stateStore.check(), context.objectStore.check()]);
  if (state.status === "fulfilled" && objects.status === "fulfilled") return null;
  for (const probe of [state, objects])
    if (probe.status === "rejected") context.logger.error({ err: probe.reason }, "a store is unavailable");
  throw unavailable(
    `Attempt to reach services failed, state store reachable: ${state.status === "fulfilled"}, object store reachable: ${objects.status === "fulfilled"}`,
  );
};
