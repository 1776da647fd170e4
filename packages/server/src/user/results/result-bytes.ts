/** The stored bytes of a result (user-api §5.8). */
import type { userRoutes } from "@alchemiscale/contract";
import { latin1JsonText } from "../../results/latin1-json-text.ts";
import { openResult } from "../../results/open-result.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest, noSuchObject } from "../../transport/http-error.ts";
import { JsonStream } from "../../transport/json-reply.ts";

export const result: Handler<typeof userRoutes.result> = async ({ context, params }) => {
  const { transformation, route, ref: key } = params;
  if (route !== "results" && route !== "failures") throw badRequest(`\`route\` takes 'results' or 'failures', not '${route}'`);
  const ref = await context.stateStore.results.get(key);
  const stored = ref === null ? null : await openResult(context.objectStore, transformation, ref);
  if (stored === null) throw noSuchObject();
  return new JsonStream(inList(latin1JsonText(stored.body)), stored.size, { release: () => stored.close(), dense: true });
};

async function* inList(text: AsyncIterable<Uint8Array>): AsyncGenerator<string | Uint8Array> {
  yield "[";
  yield* text;
  yield "]";
}
