/** `POST /token` of both APIs, and that of administrators: identifier and key for a token (user-api §3). */
import type { IncomingMessage } from "node:http";
import type { ReplyOf, userRoutes } from "@alchemiscale/contract";
import type { FastifyBaseLogger } from "fastify";
import type { LoginRealm } from "../auth/login-realm.ts";
import type { Issue } from "../transport/decode-value.ts";
import type { Handler } from "../transport/handler.ts";
import { unauthorized, unprocessable } from "../transport/http-error.ts";
import { readBody } from "../transport/request-body.ts";

const longestForm = 64 * 1024;

export const token: Handler<typeof userRoutes.token> = ({ context, request }) => logIn(context, request, context.logger);

/** @throws {HttpError} 422 for a form without its fields, 401 for an identifier and a key that do not belong together */
export async function logIn(
  realm: LoginRealm,
  request: IncomingMessage,
  logger: FastifyBaseLogger,
): Promise<ReplyOf<typeof userRoutes.token>> {
  const form = await readForm(await readBody(request, longestForm), request.headers["content-type"]);
  const issues: Issue[] = [];
  const field = (name: string) => {
    const value = form.get(name);
    if (typeof value === "string" && value !== "") return value;
    issues.push({ type: "missing", loc: ["body", name], msg: "Field required", input: null });
    return "";
  };
  const grantType = form.get("grant_type");
  if (grantType !== null && grantType !== "" && grantType !== "password") {
    const msg = "String should match pattern '^password$'";
    issues.push({ type: "string_pattern_mismatch", loc: ["body", "grant_type"], msg, input: null });
  }
  const identifier = field("username");
  const key = field("password");
  if (issues.length > 0) throw unprocessable(issues);
  const address = request.socket.remoteAddress ?? "";
  const rank = realm.failedLogins.rankOf(address, identifier);
  const identity = await realm.credentials.identityOf(identifier, key, { address, rank });
  if (identity === null) {
    logger.warn({ identifier: identifier.slice(0, 200), address }, "login refused");
    await realm.failedLogins.slowDown(address, identifier);
    throw unauthorized("Incorrect identity or key");
  }
  realm.failedLogins.succeeded(address, identifier);
  const accessToken = await realm.tokens.issue({ identity: identity.identifier, scopes: identity.scopes });
  return { access_token: accessToken, token_type: "bearer" };
}

/** The fields of a form; none for any other kind of body. */
async function readForm(body: Buffer, contentType: string | undefined): Promise<{ get(name: string): unknown }> {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return new URLSearchParams(body.toString("utf8"));
  if (type === "multipart/form-data" && contentType !== undefined) {
    try {
      return await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
    } catch {
      // Broken multipart: as a form without fields.
    }
  }
  return new URLSearchParams();
}
