/** Requests of every declared route, as bytes on a connection, and the manners of who sends them. */
import { gzipSync } from "node:zlib";
import { type Api, claimNewsMedia, computeRoutes, type Route, userRoutes } from "@alchemiscale/contract";
import * as fc from "fast-check";
import { type KnownKeys, sampleRequest, sampleService } from "../sample-request.ts";
import type { Manners } from "./unruly-client.ts";

export interface Unruly {
  readonly api: Api;
  /** For people. */
  readonly what: string;
  /** One request, or several one after the other; made only now, for some are long. */
  readonly bytes: () => Buffer;
  readonly manners: Manners;
}

/** What is there. */
export interface Surroundings {
  readonly scope: string;
  readonly known: KnownKeys;
  readonly tokens: Readonly<Record<"user" | "compute" | "admin", string>>;
  /** Of routes that take no plain JSON, by method and path. */
  readonly bodies: Readonly<Record<string, Buffer>>;
}

/** How a body stands on the wire. `cut`: less of it than announced, in good order otherwise. */
type Framing = "plain" | "chunked" | "gzip" | "gzip, cut" | "expected" | "chunked, broken";

/** What a stream without end is asked for by; the rest are for those who take any. */
const accepts = ["*/*", "text/event-stream", claimNewsMedia] as const;

export function unrulyRequests(surroundings: Surroundings): fc.Arbitrary<Unruly> {
  const routes: Route[] = [...Object.values(userRoutes), ...Object.values(computeRoutes)];
  const one = fc.oneof(...routes.map((route) => ({ weight: weightOf(route), arbitrary: fc.constant(route) }))).chain((route) =>
    fc
      .record({
        method: fc.oneof({ weight: 12, arbitrary: fc.constant(route.method as string) }, fc.constant("HEAD")),
        accept: fc.constantFrom(...accepts),
        gzip: fc.boolean(),
        range: fc.option(fc.constantFrom("bytes=0-", "bytes=100-500000", "bytes=-1"), { freq: 3 }),
        framing: fc.constantFrom<Framing>("plain", "plain", "chunked", "gzip", "gzip, cut", "expected", "chunked, broken"),
        wait: fc.constantFrom(0, 5, 60),
      })
      .map((how) => ({
        route,
        bytes: () => onTheWire(surroundings, route, how),
        what: `${how.method} ${route.path} (${how.framing})`,
      })),
  );
  // Of one API: they go over one connection.
  const together = fc
    .array(one, { minLength: 1, maxLength: 5 })
    .map((all) => all.filter(({ route }) => route.api === all[0]?.route.api));
  const requests = fc.oneof({ weight: 4, arbitrary: one.map((each) => [each]) }, together);
  return fc.tuple(requests, mannersOf).map(([all, manners]) => ({
    api: all[0]?.route.api ?? "user",
    what: all.map(({ what }) => what).join(" + "),
    bytes: () => Buffer.concat(all.map(({ bytes }) => bytes())),
    manners,
  }));
}

const milliseconds = fc.double({ min: 0, max: 1, noNaN: true }).map((x) => 60 * x ** 4);

const mannersOf: fc.Arbitrary<Manners> = fc.record({
  sends: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  pieces: fc.constantFrom(1, 1, 2, 20),
  reads: fc.constantFrom(0, 1, 300, 70_000, 700_000, Number.MAX_SAFE_INTEGER),
  stays: milliseconds,
  leaves: fc.constantFrom("with an end", "by a reset", "half"),
});

/** Streams in and out, and what waits, have the most to leave behind. */
function weightOf({ path, bodyKind }: Route): number {
  if (bodyKind === "stream" || bodyKind === "chain") return 8;
  return /results|failures|events|claims?$|files|\/:ref|register|estimate/.test(path) ? 8 : 2;
}

function onTheWire(
  { scope, known, tokens, bodies }: Surroundings,
  route: Route,
  how: {
    readonly method: string;
    readonly accept: string;
    readonly gzip: boolean;
    readonly range: string | null;
    readonly framing: Framing;
    readonly wait: number;
  },
): Buffer {
  const sample = sampleRequest(route, scope, known);
  const lines = [`${how.method} ${sample.path} HTTP/1.1`, "host: localhost", `accept: ${how.accept}`];
  const token = tokens[route.permission.kind === "admin" ? "admin" : route.api];
  lines.push(`authorization: Bearer ${token}`, `accept-encoding: ${how.gzip ? "gzip" : "identity"}`);
  if (how.range !== null) lines.push(`range: ${how.range}`);
  const content = bodies[`${route.method} ${route.path}`] ?? bodyOf(route, sample.body, how.wait);
  if (content === null) return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  if (bodies[`${route.method} ${route.path}`] === undefined) {
    lines.push(...Object.entries(sample.headers).map(([name, value]) => `${name}: ${value}`));
  } else lines.push("content-type: application/json");
  const body = framed(content, how.framing, lines);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

function bodyOf(route: Route, body: string | null, wait: number): Buffer | null {
  if (route.path === "/v1/claim") {
    return Buffer.from(JSON.stringify({ compute_service_id: sampleService, scopes: ["*-*-*"], count: 1, wait }));
  }
  return body === null ? null : Buffer.from(body);
}

/** Long bodies are many times the same. */
const gzipped = new WeakMap<Buffer, Buffer>();

/** The body as it goes over the wire; says in the head how. */
function framed(content: Buffer, framing: Framing, lines: string[]): Buffer {
  if (framing === "chunked" || framing === "chunked, broken") {
    lines.push("transfer-encoding: chunked");
    const half = Math.ceil(content.length / 2);
    const chunks = [content.subarray(0, half), content.subarray(half)].filter(({ length }) => length > 0);
    const text = chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);
    const end = Buffer.from(framing === "chunked" ? "0\r\n\r\n" : "no size at all\r\n");
    return Buffer.concat([...text, end]);
  }
  let body = content;
  if (framing === "gzip" || framing === "gzip, cut") {
    lines.push("content-encoding: gzip");
    body = gzipped.get(content) ?? gzipSync(content, { level: 1 });
    gzipped.set(content, body);
    if (framing === "gzip, cut") body = body.subarray(0, Math.floor(body.length * 0.6));
  }
  if (framing === "expected") lines.push("expect: 100-continue");
  lines.push(`content-length: ${body.length}`);
  return body;
}
