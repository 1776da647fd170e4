/** Requests for every declared route: valid in the main, and each with a chance that some part of it is not what it should be. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Api, computeRoutes, type Route, userRoutes } from "@alchemiscale/contract";
import * as fc from "fast-check";
import { sampleManager, sampleService } from "../sample-request.ts";
import type { WireSchema } from "../wire-schema.ts";
import { mutatedChains } from "./chain-mutations.ts";
import { hostileHeaders, hostileJson, hostileSegments, hostileTexts } from "./hostile-values.ts";

export interface FuzzRequest {
  readonly route: Route;
  readonly api: Api;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** What is there, and words that mean something. */
export interface World {
  readonly scope: string;
  /** By the name of the parameter or member that they are for, without its plural. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  readonly networkChain: string;
  readonly strategyChain: string;
  readonly resultChain: string;
}

const hostile = fc.constantFrom(...hostileJson);
/** One in `n`. */
const rarely = (n: number, value: fc.Arbitrary<string>, otherwise: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 1, arbitrary: value }, { weight: n - 1, arbitrary: otherwise });

export function fuzzRequests(world: World): fc.Arbitrary<FuzzRequest> {
  const grammar = new Grammar(world);
  const routes: Route[] = [...Object.values(userRoutes), ...Object.values(computeRoutes)];
  // What takes gufe objects has the most to be wrong.
  const weight = ({ bodyKind }: Route): number => (bodyKind === "chain" || bodyKind === "stream" ? 15 : 1);
  return fc.oneof(...routes.map((route) => ({ weight: weight(route), arbitrary: grammar.request(route) })));
}

class Grammar {
  readonly #world: World;
  readonly #chains: fc.Arbitrary<string>;
  readonly #strategies: fc.Arbitrary<string>;
  readonly #results: fc.Arbitrary<Buffer>;

  constructor(world: World) {
    this.#world = world;
    this.#chains = mutatedChains(world.networkChain);
    this.#strategies = mutatedChains(world.strategyChain);
    this.#results = encodedResults(mutatedChains(world.resultChain));
  }

  request(route: Route): fc.Arbitrary<FuzzRequest> {
    const body: fc.Arbitrary<Buffer | null> = route.body === null ? fc.constant(null) : spoiled(this.#body(route));
    return fc
      .tuple(this.#path(route), this.#query(route), body, fc.option(fc.constantFrom(...hostileHeaders), { freq: 6 }), fc.nat(7))
      .map(([path, query, bytes, header, gzip]) => {
        const headers: Record<string, string> = {};
        let content = bytes;
        if (route.body !== null) {
          headers["content-type"] = route.bodyKind === "form" ? "application/x-www-form-urlencoded" : "application/json";
          if (content !== null && gzip === 0) {
            content = gzipSync(content);
            headers["content-encoding"] = "gzip";
          }
        }
        if (header !== null) headers[header[0]] = header[1];
        return { route, api: route.api, method: route.method, path: `${path}${query}`, headers, body: content };
      });
  }

  #path(route: Route): fc.Arbitrary<string> {
    const segments = route.path.split("/").slice(1);
    const each = segments.map((segment) => {
      if (!segment.startsWith(":")) return rarely(200, fc.constantFrom(...hostileSegments), fc.constant(segment));
      const name = segment.slice(1);
      const value = this.#text(name, route.params.properties[name] as WireSchema).map(encodeURIComponent);
      return rarely(6, fc.constantFrom(...hostileSegments), value);
    });
    return fc.tuple(...each).map((texts) => `/${texts.join("/")}`);
  }

  #query(route: Route): fc.Arbitrary<string> {
    const names = Object.keys(route.query.properties);
    const parts = names.map((name) => {
      const value = fc.oneof(this.#text(name, route.query.properties[name] as WireSchema), fc.constantFrom(...hostileTexts));
      return fc.option(
        value.map((text) => `${name}=${encodeURIComponent(text.toWellFormed())}`),
        { freq: 1 },
      );
    });
    const raw = fc.option(fc.constantFrom("&", "=", "x=1&x=2", "%", "%ff=%ff", "a[b]=c", "__proto__=1"), { freq: 15 });
    return fc.tuple(fc.tuple(...parts), raw).map(([chosen, more]) => {
      const all = [...chosen, more].filter((part) => part !== null && part !== undefined);
      return all.length === 0 ? "" : `?${all.join("&")}`;
    });
  }

  /** A text for a parameter that means something. */
  #text(name: string, schema: WireSchema): fc.Arbitrary<string> {
    const known = this.#known(name);
    if (known !== undefined) return fc.constantFrom(...known);
    switch (schema["x-wire"]) {
      case "scope-text":
        return fc.constantFrom(this.#world.scope, "*-*-*");
      case "compute-service-id":
        return fc.constant(sampleService);
      case "compute-manager-id":
        return fc.constant(sampleManager);
      default:
    }
    const literals = (schema.anyOf ?? []).flatMap((option) => (typeof option.const === "string" ? [option.const] : []));
    if (literals.length > 0) return fc.constantFrom(...literals);
    if (schema.type === "integer" || schema.type === "number") return fc.constantFrom("1", "5", "1000");
    if (schema.type === "boolean") return fc.constantFrom("true", "false", "1", "0");
    return fc.constantFrom("word", "a.*", "");
  }

  #known(name: string): readonly string[] | undefined {
    return this.#world.known[name] ?? this.#world.known[name.replace(/s$/, "")];
  }

  #body(route: Route): fc.Arbitrary<Buffer> {
    if (route.bodyKind === "form") {
      const field = fc.constantFrom(
        ...hostileTexts.map((text) => encodeURIComponent(text.toWellFormed())),
        "%",
        "%00",
        "somebody",
      );
      const parts = ["username", "password", "grant_type"].map((name) =>
        fc.option(
          field.map((value) => `${name}=${value}`),
          { freq: 4 },
        ),
      );
      return fc.tuple(...parts).map((chosen) => Buffer.from(chosen.filter((part) => part !== null).join("&")));
    }
    if (route.path.endsWith("/results") && route.bodyKind === "stream") {
      const service = rarely(8, hostile, fc.constantFrom(JSON.stringify(sampleService), '"None"'));
      return fc.tuple(this.#results, service, rarely(10, hostile, fc.constant(""))).map(([bytes, id, instead]) => {
        const result = instead === "" ? `{"latin-1": ${JSON.stringify(bytes.toString("latin1"))}}` : instead;
        return Buffer.from(`{"protocoldagresult": ${result}, "compute_service_id": ${id}}`);
      });
    }
    return this.#json(route.body as WireSchema, "body").map((text) => Buffer.from(text));
  }

  /** A JSON text for a schema. */
  #json(schema: WireSchema, name: string): fc.Arbitrary<string> {
    return rarely(14, hostile, this.#validJson(schema, name));
  }

  #validJson(schema: WireSchema, name: string): fc.Arbitrary<string> {
    const [org, campaign, project] = this.#world.scope.split("-");
    const known = this.#known(name);
    switch (schema["x-wire"]) {
      case "scope-object":
        return fc.constantFrom(JSON.stringify({ org, campaign, project }), '{"org": null, "campaign": null, "project": null}');
      case "json":
        return name === "network" ? this.#chains : name === "strategy" ? this.#strategies : hostile;
      case "int64":
        return fc.constantFrom("1", "10", "9223372036854775807");
      case "scoped-key":
      case "scoped-key-or-blank":
      case "scope-text":
      case "compute-service-id":
      case "compute-manager-id":
        return this.#text(name, schema).map((text) => JSON.stringify(text));
      default:
    }
    if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const));
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((option) => this.#json(option, name)));
    switch (schema.type) {
      case "object":
        return this.#object(schema);
      case "array":
        return fc.array(this.#json(schema.items ?? {}, name), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`);
      case "string":
        return fc.constantFrom(...(known ?? ["word", "a.*", ""])).map((text) => JSON.stringify(text));
      case "integer":
        return fc.constantFrom("0", "1", "3");
      case "number":
        return fc.constantFrom("0", "0.5", "1", "1.0");
      case "boolean":
        return fc.constantFrom("true", "false");
      case "null":
        return fc.constant("null");
      default:
        return hostile;
    }
  }

  #object(schema: WireSchema): fc.Arbitrary<string> {
    const members = Object.entries(schema.properties ?? {}).map(([name, value]) =>
      fc.option(
        this.#json(value, name).map((text) => `${JSON.stringify(name)}: ${text}`),
        { freq: schema.required?.includes(name) ? 25 : 2 },
      ),
    );
    const more = fc.option(
      fc
        .tuple(fc.constantFrom("more", "__proto__", "constructor", "", ...Object.keys(schema.properties ?? {})), hostile)
        .map(([name, text]) => `${JSON.stringify(name)}: ${text}`),
      { freq: 15 },
    );
    return fc
      .tuple(fc.tuple(...members), more)
      .map(([chosen, extra]) => `{${[...chosen, extra].filter((text) => text !== null && text !== undefined).join(", ")}}`);
  }
}

/** A body as it is, or damaged on its way. */
function spoiled(body: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const damage = fc.oneof(
    { weight: 25, arbitrary: fc.constant((bytes: Buffer) => bytes) },
    { weight: 2, arbitrary: place.map((at) => (bytes: Buffer) => bytes.subarray(0, Math.floor(at * bytes.length))) },
    {
      weight: 2,
      arbitrary: fc.tuple(place, fc.constantFrom("\u0000", "\ud800", '"', "\\", "é", "\u2028", "[", "}")).map(
        ([at, text]) =>
          (bytes: Buffer) =>
            inserted(bytes, at, Buffer.from(text, "utf8")),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(place, fc.constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80], [0x80])).map(
        ([at, raw]) =>
          (bytes: Buffer) =>
            inserted(bytes, at, Buffer.from(raw)),
      ),
    },
    { weight: 1, arbitrary: fc.constant((bytes: Buffer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])) },
    { weight: 1, arbitrary: fc.constant((bytes: Buffer) => Buffer.from(bytes.toString("latin1"), "utf16le")) },
    { weight: 1, arbitrary: fc.constant((bytes: Buffer) => Buffer.concat([bytes, bytes])) },
    { weight: 1, arbitrary: place.map((at) => (bytes: Buffer) => gzipSync(bytes).subarray(0, Math.ceil(at * 60))) },
    { weight: 1, arbitrary: fc.constant((bytes: Buffer) => zstdCompressSync(bytes)) },
    { weight: 1, arbitrary: fc.constant(() => Buffer.alloc(0)) },
  );
  return fc.tuple(body, damage).map(([bytes, spoil]) => spoil(bytes));
}

function inserted(bytes: Buffer, at: number, what: Buffer): Buffer {
  const middle = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, middle), what, bytes.subarray(middle)]);
}

/** The bytes of a posted result: mostly two zstd frames around a chain. */
function encodedResults(chains: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const twice = (chain: string) => zstdCompressSync(zstdCompressSync(Buffer.from(chain)));
  const encode = fc.oneof(
    { weight: 10, arbitrary: fc.constant(twice) },
    {
      weight: 6,
      arbitrary: fc.constantFrom<(chain: string) => Buffer>(
        (chain) => zstdCompressSync(Buffer.from(chain)),
        (chain) => zstdCompressSync(twice(chain)),
        (chain) => Buffer.from(chain),
        (chain) => twice(chain).subarray(0, -4),
        (chain) => Buffer.concat([twice(chain), Buffer.from("more")]),
        (chain) => zstdCompressSync(zstdCompressSync(Buffer.from(chain)).subarray(0, -4)),
        (chain) => zstdCompressSync(gzipSync(chain)),
        () => zstdCompressSync(zstdCompressSync(Buffer.alloc(2 ** 26, " "))),
        () => Buffer.alloc(0),
      ),
    },
  );
  return fc.tuple(chains, encode).map(([chain, encoded]) => encoded(chain));
}
