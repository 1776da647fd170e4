/** `/v1/admin/identities`: who may log in, and what they see. */
import type { adminRoutes, IdentityType } from "@alchemiscale/contract";
import type { IdentityFacts, Instant } from "@alchemiscale/statestore";
import { hashKey, UnusableKey } from "../auth/key-hash.ts";
import type { ServerContext } from "../server-context.ts";
import type { Call, Handler } from "../transport/handler.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";
import { instantOf, isoOf } from "./instants.ts";

type Routes = typeof adminRoutes;
interface Named {
  readonly type: IdentityType;
  readonly identifier: string;
}

const mostInPage = 1000;
const longestIdentifier = 200;

export const listIdentities: Handler<Routes["listIdentities"]> = async ({ context, query }) => {
  const limit = Math.min(query.limit ?? mostInPage, mostInPage);
  const after = query.after === undefined ? undefined : readCursor(query.after);
  // One more than asked for says whether there is another page.
  const found = await context.stateStore.identities.describe({
    limit: limit + 1,
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(after === undefined ? {} : { after }),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    identities: page.map(factsOf),
    next: found.length > limit && last !== undefined ? `${last.type}/${last.identifier}` : null,
  };
};

export const getIdentity: Handler<Routes["getIdentity"]> = ({ context, params }) => described(context, params);

export const addIdentity: Handler<Routes["addIdentity"]> = async ({ context, body, caller }) => {
  const { type, identifier } = body;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (identifier.length > longestIdentifier || /[\u0000-\u001f\u007f]/.test(identifier) || !identifier.isWellFormed()) {
    throw unprocessable(`an identifier has 1 to ${longestIdentifier} characters, none of them a control character`);
  }
  const scopes = body.scopes ?? [];
  if (scopes.length > 0) refuseScopesOfAdmins(type);
  const expires = readExpires(body.expires ?? null);
  const hashedKey = await hashed(body.key);
  const identity = { hashedKey, scopes, expires };
  if (!(await context.stateStore.identities.add(type, identifier, identity, { identity: caller.identity }))) {
    throw new HttpError(
      409,
      `the ${type} identity ${JSON.stringify(identifier)} is there already; change it, or remove it first`,
    );
  }
  told(context, caller.identity, body, "added");
  return await described(context, body);
};

export const setIdentityKey: Handler<Routes["setIdentityKey"]> = async (call) => {
  const hashedKey = await hashed(call.body.key);
  return await changed(call, "given another key", (store, { type, identifier }, actor) =>
    store.setKey(type, identifier, hashedKey, actor),
  );
};

export const addIdentityScopes: Handler<Routes["addIdentityScopes"]> = async (call) => {
  refuseScopesOfAdmins(call.params.type);
  const { scopes } = call.body;
  return await changed(call, `scopes added: ${scopes.join(" ")}`, (store, { type, identifier }, actor) =>
    store.addScopes(type, identifier, scopes, actor),
  );
};

export const removeIdentityScopes: Handler<Routes["removeIdentityScopes"]> = async (call) => {
  const { scopes } = call.body;
  return await changed(call, `scopes removed: ${scopes.join(" ")}`, (store, { type, identifier }, actor) =>
    store.removeScopes(type, identifier, scopes, actor),
  );
};

export const disableIdentity: Handler<Routes["disableIdentity"]> = (call) =>
  changed(call, "disabled", (store, { type, identifier }, actor) => store.setDisabled(type, identifier, true, actor));

export const enableIdentity: Handler<Routes["enableIdentity"]> = (call) =>
  changed(call, "enabled", (store, { type, identifier }, actor) => store.setDisabled(type, identifier, false, actor));

export const expireIdentity: Handler<Routes["expireIdentity"]> = async (call) => {
  const expires = readExpires(call.body.expires);
  return await changed(call, `expires: ${call.body.expires ?? "never"}`, (store, { type, identifier }, actor) =>
    store.setExpires(type, identifier, expires, actor),
  );
};

export const removeIdentity: Handler<Routes["removeIdentity"]> = async ({ context, params, caller }) => {
  const before = await described(context, params);
  const { type, identifier } = params;
  if (!(await context.stateStore.identities.remove(type, identifier, { identity: caller.identity }))) throw missing(params);
  told(context, caller.identity, params, "removed");
  return before;
};

export const identityChanges: Handler<Routes["identityChanges"]> = async ({ context, query }) => {
  const limit = Math.min(query.limit ?? mostInPage, mostInPage);
  const found = await context.stateStore.identities.changes(query.before ?? null, limit + 1);
  const page = found.slice(0, limit);
  return {
    changes: page.map(({ id, at, type, identifier, change, actor }) => ({
      id,
      at: isoOf(at),
      identity: `${type}/${identifier}`,
      change,
      by: actor,
    })),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
};

type Store = ServerContext["stateStore"]["identities"];

async function changed(
  { context, params, caller }: Pick<Call<Routes["disableIdentity"]>, "context" | "params" | "caller">,
  what: string,
  change: (store: Store, named: Named, actor: { readonly identity: string }) => Promise<boolean>,
) {
  if (!(await change(context.stateStore.identities, params, { identity: caller.identity }))) throw missing(params);
  told(context, caller.identity, params, what);
  return await described(context, params);
}

/** The record in the store is for those who look; this line for those who watch. */
function told(context: ServerContext, by: string, { type, identifier }: Named, change: string): void {
  context.logger.info({ type, identifier, change, by }, "an identity was changed");
}

async function described(context: ServerContext, { type, identifier }: Named) {
  const found = await context.stateStore.identities.get(type, identifier);
  if (found === null) throw missing({ type, identifier });
  return factsOf({ ...found, type });
}

function factsOf({ type, identifier, scopes, disabled, expires }: IdentityFacts) {
  return { type, identifier, scopes: [...scopes], disabled, expires: expires === null ? null : isoOf(expires) };
}

function missing({ type, identifier }: Named): HttpError {
  return new HttpError(404, `there is no ${type} identity ${JSON.stringify(identifier)}`);
}

function refuseScopesOfAdmins(type: IdentityType): void {
  if (type === "admin") throw unprocessable("an admin identity has no scopes: it sees no networks and claims no tasks");
}

async function hashed(key: string): Promise<string> {
  try {
    return await hashKey(key);
  } catch (error) {
    if (error instanceof UnusableKey) throw unprocessable(error.message);
    throw error;
  }
}

function readExpires(text: string | null): Instant | null {
  if (text === null) return null;
  const instant = instantOf(text);
  if (instant === null) {
    throw unprocessable(
      `expires is ${JSON.stringify(text.slice(0, 100))}; it must be an instant such as 2030-12-31T23:59:59Z, or null`,
    );
  }
  return instant;
}

function readCursor(text: string): { readonly type: string; readonly identifier: string } {
  const slash = text.indexOf("/");
  if (slash < 0) throw unprocessable("after must be the `next` of the page before");
  return { type: text.slice(0, slash), identifier: text.slice(slash + 1) };
}
