/** Our own routes for administrators, on the user API's port: logging in, and identities of every type. */
import { Type } from "typebox";
import { adminsOnly, anyone, userGet, userPost } from "../declare-route.ts";
import { identityTypes } from "../statuses.ts";
import { Empty, ScopeText } from "../wire-types.ts";
import { LoginForm, Token } from "./token.ts";

const identityType = Type.Unsafe<(typeof identityTypes)[number]>(Type.Union(identityTypes.map((type) => Type.Literal(type))));
const identifier = Type.String({ minLength: 1 });
const key = Type.String({ minLength: 1 });
/** ISO 8601 with an offset; null: never. */
const expires = Type.Union([Type.String(), Type.Null()]);
const scopes = Type.Array(ScopeText);

/** An identity without its key. */
const IdentityFacts = Type.Object({
  type: identityType,
  identifier,
  scopes,
  disabled: Type.Boolean(),
  /** UTC; null: never. */
  expires,
});

const ofIdentity = {
  permission: adminsOnly,
  params: { type: identityType, identifier },
  reply: IdentityFacts,
  errors: "problem",
} as const;
const one = "/v1/admin/identities/:type/:identifier";

export const adminIdentityRoutes = {
  adminToken: userPost({
    path: "/v1/admin/token",
    summary: "Exchanges identifier and key of an admin identity for a token",
    permission: anyone,
    body: LoginForm,
    bodyKind: "form",
    reply: Token,
    errors: "problem",
  }),
  listIdentities: userGet({
    path: "/v1/admin/identities",
    summary: "Identities, by type and identifier; a page at a time",
    permission: adminsOnly,
    query: {
      type: Type.Optional(identityType),
      /** `next` of the page before. */
      after: Type.Optional(Type.String()),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
    },
    reply: Type.Object({ identities: Type.Array(IdentityFacts), next: Type.Union([Type.String(), Type.Null()]) }),
    errors: "problem",
  }),
  getIdentity: userGet({ path: one, summary: "An identity", ...ofIdentity }),
  addIdentity: userPost({
    path: "/v1/admin/identities",
    summary: "Adds an identity; one that exists is left as it is (409)",
    permission: adminsOnly,
    body: Type.Object({
      type: identityType,
      identifier,
      key,
      scopes: Type.Optional(scopes),
      expires: Type.Optional(expires),
    }),
    reply: IdentityFacts,
    errors: "problem",
  }),
  setIdentityKey: userPost({
    path: `${one}/key`,
    summary: "Gives an identity another key; its scopes stay",
    ...ofIdentity,
    body: Type.Object({ key }),
  }),
  addIdentityScopes: userPost({
    path: `${one}/scopes/add`,
    summary: "Gives an identity scopes",
    ...ofIdentity,
    body: Type.Object({ scopes }),
  }),
  removeIdentityScopes: userPost({
    path: `${one}/scopes/remove`,
    summary: "Takes scopes from an identity",
    ...ofIdentity,
    body: Type.Object({ scopes }),
  }),
  disableIdentity: userPost({
    path: `${one}/disable`,
    summary: "Refuses an identity's logins from now on",
    ...ofIdentity,
    body: Empty,
  }),
  enableIdentity: userPost({ path: `${one}/enable`, summary: "Lets an identity log in again", ...ofIdentity, body: Empty }),
  expireIdentity: userPost({
    path: `${one}/expire`,
    summary: "Sets the instant from which an identity's logins are refused",
    ...ofIdentity,
    body: Type.Object({ expires }),
  }),
  removeIdentity: userPost({ path: `${one}/remove`, summary: "Removes an identity", ...ofIdentity, body: Empty }),
  identityChanges: userGet({
    path: "/v1/admin/changes",
    summary: "What was done to identities, when and by whom: the newest first, a page at a time",
    permission: adminsOnly,
    query: { before: Type.Optional(Type.Integer({ minimum: 1 })), limit: Type.Optional(Type.Integer({ minimum: 1 })) },
    reply: Type.Object({
      changes: Type.Array(
        Type.Object({
          id: Type.Integer(),
          at: Type.String(),
          /** `<type>/<identifier>`. */
          identity: Type.String(),
          change: Type.String(),
          /** The admin; null for the command line on a machine with access to the store. */
          by: Type.Union([Type.String(), Type.Null()]),
        }),
      ),
      next: Type.Union([Type.Integer(), Type.Null()]),
    }),
    errors: "problem",
  }),
} as const;
