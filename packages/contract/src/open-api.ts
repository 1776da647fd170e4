/** An API as an OpenAPI 3.1 document, made from the declarations of its routes alone. */
import type { TObject, TSchema } from "typebox";
import type { Api, Permission, Route } from "./route.ts";

export interface OpenApiOptions {
  readonly api: Api;
  readonly routes: Readonly<Record<string, Route>>;
  /** Of the server. */
  readonly version: string;
}

type Json = Record<string, unknown>;

const titles: Readonly<Record<Api, string>> = { user: "alchemiscale user API", compute: "alchemiscale compute API" };

const problemSchema = {
  type: "object",
  description: "Problem details (RFC 9457)",
  properties: {
    type: { type: "string", examples: ["about:blank", "urn:alchemiscale:problem:result-missing"] },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: { type: "array", items: {}, description: "What is wrong with each part of the input" },
  },
  required: ["type", "title", "status", "detail"],
};
const detailSchema = {
  type: "object",
  properties: { detail: { description: "A sentence, or a list of what is wrong with the input" } },
  required: ["detail"],
};

/** Valid against OpenAPI 3.1; holds the routes that other clients use (upstream's) as well as our own below `/v1/`. */
export function openApiDocument({ api, routes, version }: OpenApiOptions): Json {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:([A-Za-z]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: titles[api],
      version,
      description:
        "Routes below `/v1/` are this server's own. The others are those of the Python server, with its paths, bodies and replies. " +
        "Tokens come from `POST /token`. A request for what lies outside the scopes of a token is answered 401.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "v1", description: "This server's own" },
      { name: "administration", description: "For administrators" },
      { name: "compatible", description: "As in the Python server" },
    ],
    paths,
    components: {
      securitySchemes: {
        token: { type: "oauth2", flows: { password: { tokenUrl: "/token", scopes: {} } } },
        adminToken: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "From POST /v1/admin/token" },
      },
      schemas: { Problem: problemSchema, Detail: detailSchema },
      responses: Object.fromEntries(
        Object.entries(failures).flatMap(([status, description]) => [
          [`Problem${status}`, failure(description, "application/problem+json", "Problem")],
          [`Detail${status}`, failure(description, "application/json", "Detail")],
        ]),
      ),
    },
  };
}

const failures = {
  400: "What the request names cannot be used, or its body cannot be parsed",
  401: "No token, one that has expired, or one whose scopes do not cover what the request names",
  404: "There is no such thing",
  409: "Not in the state that the request needs",
  413: "The body is too large",
  416: "The range lies behind the end",
  422: "The request does not have the form that is declared here",
  501: "The stores of this server cannot do this",
  503: "A store cannot be reached; ask again later",
} as const;

function operationOf(name: string, route: Route): Json {
  const open = route.permission.kind === "none";
  const tag = route.path.startsWith("/v1/admin/") ? "administration" : route.path.startsWith("/v1/") ? "v1" : "compatible";
  return {
    operationId: name,
    tags: [tag],
    summary: route.summary,
    ...descriptionOf(route),
    parameters: [
      ...parameters("path", route.params),
      ...parameters("query", route.query),
      // OpenAPI knows these two as parts of its own.
      ...parameters("header", route.headers).filter(({ name: header }) => header !== "accept"),
    ],
    ...bodyOf(route),
    responses: { 200: replyOf(route), ...failuresOf(route) },
    security: open ? [] : [route.permission.kind === "admin" ? { adminToken: [] } : { token: [] }],
  };
}

function descriptionOf(route: Route): Json {
  const said = [route.description, access(route.permission)].filter((text) => text !== null);
  return said.length > 0 ? { description: said.join("\n\n") } : {};
}

function access(permission: Permission): string | null {
  switch (permission.kind) {
    case "none":
      return null;
    case "token":
      return "Any valid token.";
    case "path-keys":
      return `The token's scopes must cover ${permission.params.map((name) => `\`${name}\``).join(" and ")}.`;
    case "body-keys":
      return `The token's scopes must cover every key in \`${permission.member}\`.`;
    case "body-keys-or-null":
      return `Keys in \`${permission.member}\` that the token's scopes do not cover act as missing.`;
    case "body-scope":
      return `The token's scopes must cover \`${permission.member}\`.`;
    case "scopes-queried":
      return "What is asked for is cut down to the token's scopes.";
    case "admin":
      return "A token of an admin identity.";
  }
}

function parameters(place: "path" | "query" | "header", object: TObject): { readonly name: string }[] {
  const required = new Set<string>((object as { required?: readonly string[] }).required ?? []);
  return Object.entries(object.properties as Record<string, TSchema>).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: plain(schema),
  }));
}

function bodyOf(route: Route): Json {
  if (route.body === null) return {};
  const media = route.bodyKind === "form" ? "application/x-www-form-urlencoded" : "application/json";
  return { requestBody: { required: true, content: { [media]: { schema: plain(route.body) } } } };
}

function replyOf(route: Route): Json {
  const [first, ...others] = route.media;
  const content: Json = { [first ?? "application/json"]: { schema: plain(route.reply) } };
  for (const media of others) content[media] = { schema: media === first ? plain(route.reply) : { type: "string" } };
  return { description: "Success", content };
}

function failuresOf(route: Route): Json {
  const form = route.errors === "problem" ? "Problem" : "Detail";
  const statuses: (keyof typeof failures)[] = [];
  if (route.errors === "detail" || route.body !== null) statuses.push(400);
  if (route.permission.kind !== "none" || route.bodyKind === "form") statuses.push(401);
  if (route.errors === "problem" && Object.keys(route.params.properties).length > 0) statuses.push(404);
  if (route.api === "compute" || route.path.startsWith("/v1/admin/")) statuses.push(409);
  if (route.body !== null) statuses.push(413);
  if ("range" in route.headers.properties) statuses.push(416);
  statuses.push(422);
  if (route.path.endsWith("/url")) statuses.push(501);
  statuses.push(503);
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${form}${status}` }]));
}

function failure(description: string, media: string, schema: string): Json {
  return { description, content: { [media]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

/** A schema without what only our own readers understand. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== "object" || schema === null) return schema;
  const { "x-wire": _, ...rest } = schema as Json;
  // TypeBox writes tuples as JSON Schema once did.
  if (Array.isArray(rest.items)) {
    const { items, additionalItems: __, ...others } = rest;
    const [first, ...more] = items.map(plain);
    // The same for each place can be said in a way that more readers know.
    if (more.every((form) => JSON.stringify(form) === JSON.stringify(first))) {
      return { ...others, items: first, minItems: items.length, maxItems: items.length };
    }
    return { ...others, prefixItems: [first, ...more], items: false };
  }
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plain(value)]));
}
