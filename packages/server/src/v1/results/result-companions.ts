/** What is kept beside a result, `/v1/results/{ref}/…`: its provenance, and files that its units left. */
import { type computeRoutes, keptFileMedia, type ScopedKey, type userRoutes } from "@alchemiscale/contract";
import { ObjectNotFound, type StoredObject } from "@alchemiscale/objectstore";
import type { KnownResult } from "@alchemiscale/statestore";
import { keptFilesOf, nameToSegment, segmentToName } from "../../results/kept-files.ts";
import { resultPlaces } from "../../results/open-result.ts";
import { hardwareIn, largestProvenance, provenanceBeside } from "../../results/provenance.ts";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { HttpError, unprocessable } from "../../transport/http-error.ts";
import { notFound } from "../../transport/problem.ts";
import { bodyChunks, readBody, tooLarge } from "../../transport/request-body.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { requireResult } from "../require-class.ts";

const longestName = 150;

export const postProvenance: Handler<typeof computeRoutes.postProvenance> = async ({ context, params, request }) => {
  const result = await find(context, params.ref);
  const text = await readBody(request, largestProvenance);
  const hardware = hardwareIn(text.toString());
  if (hardware === null) {
    throw unprocessable(
      "the body must be a JSON object with executor, host, packages and units, as the documentation of this route says",
    );
  }
  await context.objectStore.put(provenanceOf(result), text);
  await context.stateStore.estimates.setHardware(params.ref, hardware);
  context.estimator.wake();
  return { ref: params.ref };
};

export const provenance: Handler<typeof userRoutes.provenance> = async ({ context, params }) => {
  const result = await find(context, params.ref);
  const stored = await open(context, provenanceOf(result));
  if (stored === null) throw notFound(`provenance of ${params.ref}`);
  return new StreamedReply("application/json", stored.body, {
    headers: { "content-length": stored.size },
    release: () => stored.close(),
  });
};

export const postKeptFile: Handler<typeof computeRoutes.postKeptFile> = async ({ context, params, request }) => {
  if (request.headers["content-encoding"] !== undefined) {
    throw new HttpError(415, "content-encoding: files are kept as they are sent; send the plain bytes");
  }
  const result = await find(context, params.ref);
  const { bytes } = await context.objectStore.put(
    fileOf(result, params.name),
    bounded(bodyChunks(request), context.limits.maxKeptFileBytes),
  );
  return { name: params.name, bytes };
};

export const keptFiles: Handler<typeof userRoutes.keptFiles> = async ({ context, params }) => {
  const result = await find(context, params.ref);
  const files: { name: string; bytes: number }[] = [];
  for await (const { path, size } of context.objectStore.list(keptFilesOf(result))) {
    const name = segmentToName(path.slice(path.lastIndexOf("/") + 1));
    if (name !== null) files.push({ name, bytes: size });
  }
  return { files };
};

export const keptFile: Handler<typeof userRoutes.keptFile> = async ({ context, params }) => {
  const result = await find(context, params.ref);
  const stored = await open(context, fileOf(result, params.name));
  if (stored === null) throw notFound(`file '${params.name}' beside ${params.ref}`);
  return new StreamedReply(keptFileMedia, stored.body, {
    // It is what some Protocol wrote: no browser shall take it for a page of this server.
    headers: { "content-length": stored.size, "content-disposition": "attachment", "x-content-type-options": "nosniff" },
    release: () => stored.close(),
  });
};

async function find(context: ServerContext, ref: ScopedKey): Promise<KnownResult> {
  requireResult(ref);
  const result = await context.stateStore.results.find(ref);
  if (result === null) throw notFound(ref);
  return result;
}

function provenanceOf(result: KnownResult): string {
  // The last place is the computed one.
  return provenanceBeside(resultPlaces(result.transformation, result).at(-1) ?? "");
}

function fileOf(result: KnownResult, name: string): string {
  const segment = nameToSegment(name);
  if (name === "" || segment.length > longestName) {
    throw unprocessable(
      `name: must have 1 to ${longestName - 1} characters, each that is not a letter, digit or _ . + @ - counting as three`,
    );
  }
  return `${keptFilesOf(result)}/${segment}`;
}

async function open(context: ServerContext, path: string): Promise<StoredObject | null> {
  try {
    return await context.objectStore.get(path);
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}
