/** `POST /networks/{network}/strategy`: sets, replaces or removes the strategy of a network (user-api §5.9). */
import { scopeOf, type userRoutes } from "@alchemiscale/contract";
import { NetworkNotFound } from "@alchemiscale/statestore";
import type { ServerContext } from "../../server-context.ts";
import { type ReadStrategy, readStrategyBytes } from "../../submission/read-strategy.ts";
import { refuseChangedObjects } from "../../submission/refuse-changed-objects.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";
import { readBody } from "../../transport/request-body.ts";
import { requireNetwork } from "../networks/require-network.ts";

/** Larger ones are read in a thread; real ones have a few hundred bytes. */
const inlineBytes = 1024 ** 2;

/** The state starts anew, whatever the network had before. */
export const setStrategy: Handler<typeof userRoutes.setStrategy> = async ({ context, params, caller, request }) => {
  const bytes = await readBody(request, context.limits.maxChainBytes);
  const strategy = await read(context, bytes);
  requireNetwork(params.network);
  const { strategies } = context.stateStore;
  const actor = { identity: caller.identity };
  try {
    if (strategy === null) return await strategies.set(params.network, null, actor);
    return await refuseChangedObjects(scopeOf(params.network), () => strategies.set(params.network, strategy, actor));
  } catch (error) {
    if (error instanceof NetworkNotFound) throw badRequest(error.message);
    throw error;
  }
};

async function read(context: ServerContext, bytes: Buffer): Promise<ReadStrategy> {
  const strict = context.strictKeys;
  if (bytes.length <= inlineBytes) return readStrategyBytes({ bytes, strict });
  const copy = new Uint8Array(bytes);
  return await context.workers.run("readStrategyBytes", { bytes: copy, strict }, [copy.buffer]);
}
