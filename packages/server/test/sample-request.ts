/** A request for any declared route, made up from the declaration alone: a route that is new is tested with the others. */
import { parseComputeManagerId, parseComputeServiceId, type Route } from "@alchemiscale/contract";
import type { WireSchema } from "./wire-schema.ts";

export const sampleService = parseComputeServiceId("service-00000000000000000000000000000001");
export const sampleManager = parseComputeManagerId("manager-00000000000000000000000000000001");

/** Objects that are there, and words that mean something, by the name of the parameter or member that they are for; without its plural. */
export type KnownKeys = Readonly<Record<string, string>>;

export interface SampleRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** @param scope a specific one: of every key and scope in the request */
export function sampleRequest(route: Route, scope: string, known: KnownKeys): SampleRequest {
  const sample = new Sample(scope, known);
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(sample.of(route.params.properties[name] as WireSchema, name))),
  );
  const query = new URLSearchParams();
  for (const name of (route.query as WireSchema).required ?? []) {
    query.set(name, String(sample.of(route.query.properties[name] as WireSchema, name)));
  }
  const search = query.size === 0 ? "" : `?${query}`;
  // Logins are refused for what they lack: what they are refused for otherwise is the identity, not the token.
  if (route.bodyKind === "form") {
    return { path, headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" };
  }
  const body = route.body === null ? null : JSON.stringify(sample.of(route.body as WireSchema, "body"));
  return { path: path + search, headers: body === null ? {} : { "content-type": "application/json" }, body };
}

class Sample {
  readonly #scope: string;
  readonly #known: KnownKeys;

  constructor(scope: string, known: KnownKeys) {
    this.#scope = scope;
    this.#known = known;
  }

  of(schema: WireSchema, name: string): unknown {
    const [org, campaign, project] = this.#scope.split("-");
    switch (schema["x-wire"]) {
      case "scoped-key":
      case "scoped-key-or-blank":
        return this.#known[name.replace(/s$/, "")] ?? this.#known[name] ?? `Thing-ab-${this.#scope}`;
      case "scope-text":
        return this.#scope;
      case "scope-object":
        return { org, campaign, project };
      case "compute-service-id":
        return sampleService;
      case "compute-manager-id":
        return sampleManager;
      case "int64":
        return 1;
      case "json":
        return [];
      default:
        return this.#plain(schema, name);
    }
  }

  #plain(schema: WireSchema, name: string): unknown {
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.anyOf?.[0] !== undefined) return this.of(schema.anyOf[0], name);
    switch (schema.type) {
      case "object":
        return Object.fromEntries(
          Object.entries(schema.properties ?? {})
            .filter(([member]) => schema.required?.includes(member))
            .map(([member, memberSchema]) => [member, this.of(memberSchema, member)]),
        );
      case "array":
        return [this.of(schema.items ?? {}, name)];
      case "string":
        return this.#known[name] ?? "word";
      case "integer":
      case "number":
        return schema.minimum ?? 1;
      case "boolean":
        return true;
      default:
        return null;
    }
  }
}
