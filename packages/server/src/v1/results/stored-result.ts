/** `GET /v1/results/{ref}` and `GET /v1/results/{ref}/url`: the stored bytes of one result, or where they can be had. */
import { type ScopedKey, storedResultMedia, type userRoutes } from "@alchemiscale/contract";
import type { KnownResult } from "@alchemiscale/statestore";
import { openResult, resultPlaces } from "../../results/open-result.ts";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { HttpError } from "../../transport/http-error.ts";
import { notFound, TypedProblem } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { requireResult } from "../require-class.ts";
import { missing } from "./network-results.ts";

const defaultSeconds = 3600;

export const storedResult: Handler<typeof userRoutes.storedResult> = async ({ context, params, request }) => {
  const result = await find(context, params.ref);
  const wanted = parseRange(request.headers.range);
  const whole = await openResult(
    context.objectStore,
    result.transformation,
    result,
    wanted === null ? undefined : { offset: 0, length: 1 },
  );
  if (whole === null) throw missing(params.ref);
  const { size } = whole;
  const headers = {
    "accept-ranges": "bytes",
    etag: `"${result.resultKey}"`,
    "cache-control": "private, max-age=86400, immutable",
  };
  if (wanted === null) {
    return new StreamedReply(storedResultMedia, whole.body, {
      headers: { ...headers, "content-length": size },
      release: () => whole.close(),
    });
  }
  await whole.close();
  const part = cutTo(wanted, size);
  if (part === null) {
    throw new HttpError(416, `the result has ${size} bytes; the range lies behind its end`, {
      "content-range": `bytes */${size}`,
    });
  }
  const opened = await openResult(context.objectStore, result.transformation, result, part);
  if (opened === null) throw missing(params.ref);
  return new StreamedReply(storedResultMedia, opened.body, {
    status: 206,
    release: () => opened.close(),
    headers: {
      ...headers,
      "content-length": part.length,
      "content-range": `bytes ${part.offset}-${part.offset + part.length - 1}/${size}`,
    },
  });
};

export const resultUrl: Handler<typeof userRoutes.resultUrl> = async ({ context, params, query }) => {
  const { objectStore } = context;
  const result = await find(context, params.ref);
  if (objectStore.presign === undefined) {
    throw new TypedProblem(
      "no-addresses",
      501,
      `this server keeps results where they have no addresses of their own (S3 has them): read the bytes from /v1/results/${params.ref}`,
    );
  }
  const seconds = query.seconds ?? defaultSeconds;
  for (const path of resultPlaces(result.transformation, result)) {
    if (!(await objectStore.exists(path))) continue;
    const url = await objectStore.presign(path, seconds);
    return { url, expires: new Date(Date.now() + seconds * 1000).toISOString() };
  }
  throw missing(params.ref);
};

async function find(context: ServerContext, ref: ScopedKey): Promise<KnownResult> {
  requireResult(ref);
  const result = await context.stateStore.results.find(ref);
  if (result === null) throw notFound(ref);
  return result;
}

/** What a Range header asks for: from a byte on, or so many at the end. */
type Wanted = { readonly first: number; readonly last: number | null } | { readonly suffix: number };

/** Null without one, or for one that need not be understood (RFC 9110 §14.2): several ranges, other units. */
function parseRange(header: string | undefined): Wanted | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? null : { suffix: Number(last) };
  if (last !== "" && Number(last) < Number(first)) return null;
  return { first: Number(first), last: last === "" ? null : Number(last) };
}

/** The part of an object of `size` bytes; null where nothing is left. */
function cutTo(wanted: Wanted, size: number): { readonly offset: number; readonly length: number } | null {
  const offset = "suffix" in wanted ? Math.max(0, size - wanted.suffix) : wanted.first;
  const end = "suffix" in wanted || wanted.last === null ? size : Math.min(size, wanted.last + 1);
  return end > offset ? { offset, length: end - offset } : null;
}
