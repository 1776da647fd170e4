/** `POST /networks`: a network into a scope (user-api §5.2, §6.1). */
import { scopedKeyParts, type userRoutes } from "@alchemiscale/contract";
import type { ServerContext } from "../../server-context.ts";
import { type ReadSubmission, readAtOnce, readWithCare } from "../../submission/read-submission.ts";
import { refuseChangedObjects } from "../../submission/refuse-changed-objects.ts";
import { requireScope } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { HttpError } from "../../transport/http-error.ts";
import { readBody } from "../../transport/request-body.ts";

/**
 * Bodies up to this size are read here, in some 25 ms; larger ones in a thread, so that they do not hold up everyone else. What has to be read with care takes several times
 * as long.
 */
const mostAtOnce = 6 * 1024 ** 2;
const mostWithCare = 1024 ** 2;

export const submitNetwork: Handler<typeof userRoutes.submitNetwork> = async ({ context, caller, request }) => {
  const bytes = await readBody(request, context.limits.maxChainBytes);
  const { scope, content } = await read(context, bytes);
  requireScope(caller, scope);
  if (!content.ok) throw new HttpError(content.status, content.detail);
  const submission = { ...content.submission, scope, state: content.state };
  const reply = await refuseChangedObjects(scope, () =>
    context.stateStore.networks.submit(submission, { identity: caller.identity }),
  );
  if (reply.differing.length > 0) {
    context.logger.warn(
      { network: reply.network, keys: reply.differing },
      "objects stand in the scope with another text; the first stays",
    );
  }
  // The submitted key is the identity whatever it was made from (gufe §1.6); who is not told of a wrong one at once is told by the log.
  if (reply.created && !context.strictKeys) context.keyAudit.add(reply.network);
  return scopedKeyParts(reply.network);
};

async function read(context: ServerContext, bytes: Buffer): Promise<ReadSubmission> {
  const strict = context.strictKeys;
  const atOnce = bytes.length <= mostAtOnce ? readAtOnce({ bytes, strict }) : undefined;
  if (atOnce !== undefined) return atOnce;
  if (bytes.length <= mostWithCare) return readWithCare({ bytes, strict });
  const copy = new Uint8Array(bytes);
  return await context.workers.run("readSubmission", { bytes: copy, strict }, [copy.buffer]);
}
