/** What a route is: everything that server, clients and OpenAPI need to know of it, in one declaration. */
import type { Static, TObject, TSchema } from "typebox";

/**
 * Who may call a route. There is no default: a route without one does not compile.
 *
 * - `none`: anyone, without a token.
 * - `token`: any identity of this API with a valid token.
 * - `path-keys`: a token whose scopes cover each named key of the path, else 401.
 * - `body-keys`: the same for every key in a list of the body, the whole call 401 if one is out of scope.
 * - `body-keys-or-null`: keys out of scope act as missing, no error.
 * - `body-scope`: a token whose scopes cover the scope named in the body, else 401.
 * - `scopes-queried`: the scopes asked for are cut down to those of the token; no access is an empty answer.
 * - `admin`: a token of an admin identity, which no user or compute token ever is.
 */
export type Permission =
  | { readonly kind: "none" }
  | { readonly kind: "token" }
  | { readonly kind: "path-keys"; readonly params: readonly string[] }
  | { readonly kind: "body-keys"; readonly member: string }
  | { readonly kind: "body-keys-or-null"; readonly member: string }
  | { readonly kind: "body-scope"; readonly member: string }
  | { readonly kind: "scopes-queried" }
  | { readonly kind: "admin" };

export type Api = "user" | "compute";

/** The compatible routes know GET and POST alone. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/**
 * How the body is read. `json` is parsed and checked against the schema before the handler runs; `form` is the login form;
 * `chain` (a keyed chain inside, lossless) and `stream` (unbounded) are read by the handler itself.
 */
export type BodyKind = "none" | "json" | "form" | "chain" | "stream";

export interface Route {
  readonly api: Api;
  readonly method: Method;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly params: TObject;
  readonly query: TObject;
  readonly bodyKind: BodyKind;
  readonly body: TSchema | null;
  readonly reply: TSchema;
  /** Errors of our own routes are problem details (RFC 9457); those of the compatible ones `{"detail"}`. */
  readonly errors: "detail" | "problem";
  /** What the summary leaves out, for the documentation. */
  readonly description: string | null;
  /** Headers that the handler looks at itself. */
  readonly headers: TObject;
  /** Media types of the reply; its schema is that of the first one. */
  readonly media: readonly string[];
}

export type ParamsOf<R extends Route> = Static<R["params"]>;
export type QueryOf<R extends Route> = Static<R["query"]>;
export type BodyOf<R extends Route> = R["body"] extends TSchema ? Static<R["body"]> : undefined;
export type ReplyOf<R extends Route> = Static<R["reply"]>;

/**
 * The path with its parameters filled in. Everything that is no letter, digit or one of `_ . ~ ! ' ( ) * -` is percent-encoded;
 * `*` of scopes goes raw, as Python clients send it.
 */
export function routePath(route: Pick<Route, "path">, params: Readonly<Record<string, string>>): string {
  return route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === "") throw new TypeError(`${route.path} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
}
