/** The user API's service routes (user-api §3, §5.1). */
import { Type } from "typebox";
import { anyone, anyToken, pathKeys, userGet, userPost } from "../declare-route.ts";
import { AnyJson, Nothing, ScopedKeyText, ScopeText } from "../wire-types.ts";
import { LoginForm, Token } from "./token.ts";

export const userServiceRoutes = {
  ping: userGet({
    path: "/ping",
    summary: "Says that the server is there",
    permission: anyone,
    reply: Type.Object({ api: Type.String() }),
  }),
  token: userPost({
    path: "/token",
    summary: "Exchanges identifier and key for a token",
    permission: anyone,
    body: LoginForm,
    bodyKind: "form",
    reply: Token,
  }),
  info: userGet({ path: "/info", summary: "About this server", permission: anyToken, reply: AnyJson }),
  check: userGet({ path: "/check", summary: "Probes state store and object store", permission: anyToken, reply: Nothing }),
  identityScopes: userGet({
    path: "/identities/:identity/scopes",
    summary: "The scopes of an identity, as they are now",
    permission: anyToken,
    params: { identity: Type.String() },
    reply: Type.Array(ScopeText),
  }),
  exists: userGet({
    path: "/exists/:key",
    summary: "Whether any object is stored under a key",
    permission: pathKeys("key"),
    params: { key: ScopedKeyText },
    reply: Type.Boolean(),
  }),
} as const;
