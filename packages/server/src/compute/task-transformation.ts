/** What a service needs to execute a Task (compute-api §3.4, §3.6). */
import { type computeRoutes, gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { JsonLimitError, joinKeyedChainChunks, jsonStringChunks, nestChain } from "@alchemiscale/gufe";

import type { ObjectText, ResultRef } from "@alchemiscale/statestore";
import { latin1JsonText } from "../results/latin1-json-text.ts";
import { openResult } from "../results/open-result.ts";
import { textLength } from "../submission/chain-reply.ts";
import { acceptEncodingLines } from "../transport/accept-encoding.ts";
import type { Call, Handler } from "../transport/handler.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";
import { JsonStream } from "../transport/json-reply.ts";
import { chooseTransformationForm } from "./transformation-form.ts";
import { withoutUnsetMembers } from "./unset-members.ts";

export const taskTransformation: Handler<typeof computeRoutes.taskTransformation> = async ({ context, params }) => {
  const transformation = await context.stateStore.tasks.transformationOf(params.task);
  if (transformation === null) throw unprocessable(`there is no task ${params.task}`);
  return transformation;
};

/** `[T, R]`: the Transformation in the form that the service reads, and the bytes of the result that the Task extends, or null. */
export const taskTransformationContent: Handler<typeof computeRoutes.taskTransformationContent> = async (call) => {
  const { context, params } = call;
  const needed = await context.stateStore.results.forExecution(params.task);
  if (needed === null) throw unprocessable(`there is no task ${params.task}`);
  const entries = await context.stateStore.objects.chain(needed.transformation);
  if (entries === null) throw new HttpError(500, `the transformation ${needed.transformation} of the task is not stored`);
  const form = await formFor(call);
  const transformation =
    form === "json"
      ? nestedText(entries, needed.transformation)
      : // Who asks for the chain by name knows what a gufe object may hold, and gets the text as it was submitted.
        joinKeyedChainChunks(call.query.form === "chain" ? entries : entries.map(withoutUnsetMembers));
  const stored = needed.extended === null ? null : await openExtended(call, needed.transformation, needed.extended);
  const expectedBytes = textLength(entries) + (stored?.size ?? 0);
  return new JsonStream(pair(transformation, stored?.body ?? null), expectedBytes, { release: () => stored?.close() });
};

async function openExtended(
  { context }: Pick<Call<typeof computeRoutes.taskTransformationContent>, "context">,
  transformation: ScopedKey,
  ref: ResultRef,
) {
  const stored = await openResult(context.objectStore, transformation, ref);
  if (stored === null) throw new HttpError(409, `the result ${ref.ref} that the task extends is missing in the object store`);
  return stored;
}

async function formFor({ context, params, query, request }: Call<typeof computeRoutes.taskTransformationContent>) {
  const { form, overruled } = chooseTransformationForm({
    setting: context.transformationForm,
    asked: query.form,
    acceptEncoding: acceptEncodingLines(request),
    holder: await context.stateStore.claims.holder(params.task),
  });
  if (overruled && !warnedOfOverruling) {
    warnedOfOverruling = true;
    context.logger.warn(
      "a compute service older than 0.8.0 came with the Accept-Encoding of 0.8.0: a proxy rewrites that header; answering by the service's registration",
    );
  }
  return form;
}

let warnedOfOverruling = false;

/** @throws {HttpError} 422 where shared parts would repeat beyond measure */
function nestedText(entries: readonly ObjectText[], root: ScopedKey): Iterable<string> {
  try {
    return jsonStringChunks(nestChain(entries, gufeKeyOf(root)));
  } catch (error) {
    if (error instanceof JsonLimitError)
      throw unprocessable(`${root} cannot be told to a service older than 0.8.0: ${error.message}`);
    throw error;
  }
}

async function* pair(
  transformation: Iterable<string>,
  extended: AsyncIterable<Uint8Array> | null,
): AsyncGenerator<string | Uint8Array> {
  yield "[";
  yield* transformation;
  yield ",";
  if (extended === null) yield "null";
  else yield* latin1JsonText(extended);
  yield "]";
}
