/** Any stored gufe object, whole, with the characters it was submitted with (user-api §5.2). */
import type { ScopedKey, userRoutes } from "@alchemiscale/contract";
import type { ServerContext } from "../../server-context.ts";
import { packedChainReply } from "../../submission/chain-reply.ts";
import type { Handler } from "../../transport/handler.ts";
import { noSuchObject } from "../../transport/http-error.ts";
import type { JsonStream } from "../../transport/json-reply.ts";

export const exists: Handler<typeof userRoutes.exists> = ({ context, params }) => context.stateStore.objects.exists(params.key);

export const network: Handler<typeof userRoutes.network> = ({ context, params }) => storedChain(context, params.network);

export const transformation: Handler<typeof userRoutes.transformation> = ({ context, params }) =>
  storedChain(context, params.transformation);

export const chemicalSystem: Handler<typeof userRoutes.chemicalSystem> = ({ context, params }) =>
  storedChain(context, params.chemicalsystem);

async function storedChain(context: ServerContext, key: ScopedKey): Promise<JsonStream> {
  const packed = await context.stateStore.objects.packedChain(key);
  if (packed === null) throw noSuchObject();
  return packedChainReply(packed);
}
