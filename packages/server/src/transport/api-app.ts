/** One API as a Fastify application: routes from the contract, and the order of checks that clients rely on (user-api §4). */
import { type Api, computeRoutes, type Route, userRoutes } from "@alchemiscale/contract";
import { ObjectStoreUnavailable } from "@alchemiscale/objectstore";
import { StateStoreUnavailable } from "@alchemiscale/statestore";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { mayLogIn } from "../auth/credential-check.ts";
import { type Caller, InvalidToken, type Tokens } from "../auth/tokens.ts";
import type { ServerContext } from "../server-context.ts";
import { checkPermission } from "./access.ts";
import { decodeValue } from "./decode-value.ts";
import type { Handlers } from "./handler.ts";
import { badRequest, HttpError, storeUnavailable, unauthorized, unprocessable } from "./http-error.ts";
import { bodyText, isJsonType, parsePlainJson } from "./json-body.ts";
import { jsonText, sendJson } from "./json-reply.ts";
import { logRequest } from "./log-request.ts";
import { problemMedia, problemOf } from "./problem.ts";
import { answerUnreadable, refuseExpectations } from "./protocol-errors.ts";
import { RequestCut, readBody, setPatience } from "./request-body.ts";
import { requestId } from "./request-id.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The declaration that the route was made from. */
    declared?: Route;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

type AnyHandler = (call: object) => Promise<unknown>;

const nobody: Caller = { identity: "", scopes: [] };
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

export function userApp(context: ServerContext, handlers: Handlers<typeof userRoutes>): FastifyInstance {
  return apiApp("user", context, userRoutes, handlers as unknown as Record<string, AnyHandler>);
}

export function computeApp(context: ServerContext, handlers: Handlers<typeof computeRoutes>): FastifyInstance {
  return apiApp("compute", context, computeRoutes, handlers as unknown as Record<string, AnyHandler>);
}

function apiApp(
  api: Api,
  context: ServerContext,
  routes: Readonly<Record<string, Route>>,
  handlers: Readonly<Record<string, AnyHandler>>,
): FastifyInstance {
  const app = fastify({
    loggerInstance: context.logger,
    genReqId: requestId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request" }),
    exposeHeadRoutes: false,
    // Bodies are read by our own code, which bounds their size and their slowness; large results take as long as they take.
    requestTimeout: 0,
    connectionTimeout: 600_000,
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 60_000 },
    forceCloseConnections: "idle",
    routerOptions: {
      maxParamLength: 4096,
      querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)),
    },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(error.statusCode ?? 400).send({ detail: error.message });
    },
  });
  refuseExpectations(app.server);
  app.decorateRequest("caller", null as unknown as Caller);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.setNotFoundHandler((request, reply) => sendError(new HttpError(404, "Not Found"), request, reply));
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  // The router takes an empty segment for a parameter; to clients it is another path.
  app.addHook("onRequest", async (request, reply) => {
    context.measurements.inFlight(1);
    // Also where the client goes away before there is an answer.
    reply.raw.once("close", () => context.measurements.inFlight(-1));
    reply.header("x-request-id", request.id);
    setPatience(request.raw, context.limits.uploadPatienceSeconds * 1000);
    for (const value of Object.values(request.params as object)) if (value === "") throw new HttpError(404, "Not Found");
  });
  // Whoever keeps a connection open is told that it ends, so that nobody is waited for.
  app.addHook("onSend", async (_request, reply) => {
    if (context.closing.aborted) reply.header("connection", "close");
  });
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.config?.declared?.path ?? "(none)";
    context.measurements.request({ api, method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
    logRequest(api, request, reply);
    dropRest(request, context.limits.uploadPatienceSeconds * 1000);
  });

  const methodsOf = new Map<string, string[]>();
  for (const [name, route] of Object.entries(routes)) {
    const handler = handlers[name];
    if (handler === undefined) throw new TypeError(`no handler for the route ${name}`);
    methodsOf.set(route.path, [...(methodsOf.get(route.path) ?? []), route.method]);
    app.route({
      method: route.method,
      url: route.path,
      config: { declared: route },
      onRequest: async (request) => {
        request.caller = await callerOf(context, route, request.headers.authorization);
      },
      handler: async (request, reply) => sendJson(request, reply, await answer(context, route, handler, request, reply)),
    });
  }
  for (const [path, known] of methodsOf) {
    app.route({
      method: methods.filter((method) => !known.includes(method)),
      url: path,
      handler: async (request, reply) =>
        sendError(new HttpError(405, "Method Not Allowed", { allow: known.join(", ") }), request, reply),
    });
  }
  return app;
}

async function callerOf(context: ServerContext, route: Route, authorization: string | undefined): Promise<Caller> {
  if (route.permission.kind === "none") return nobody;
  if (route.permission.kind !== "admin") return await authenticate(context.tokens, authorization);
  const caller = await authenticate(context.admin.tokens, authorization);
  // Read anew: an administrator who was disabled, or removed, is none from then on, whatever token is left.
  const identity = await context.stateStore.identities.get("admin", caller.identity);
  if (identity === null || !mayLogIn(identity)) throw unauthorized("Could not validate credentials");
  return { identity: caller.identity, scopes: [] };
}

async function authenticate(tokens: Tokens, authorization: string | undefined): Promise<Caller> {
  const [scheme = "", ...rest] = (authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "bearer") throw unauthorized("Not authenticated");
  try {
    return await tokens.verify(rest.join(" "));
  } catch (error) {
    if (error instanceof InvalidToken) throw unauthorized("Could not validate credentials");
    throw error;
  }
}

/** Bearer (before this), shape of body and query, keys, scope; then the handler. */
async function answer(
  context: ServerContext,
  route: Route,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = route.bodyKind === "json" ? await readJson(context, route, request) : undefined;
  const query = decodeValue(route.query, request.query, "query");
  const params = decodeValue(route.params, request.params, "path");
  const issues = [...query.issues, ...(body?.issues ?? []), ...params.issues];
  if (issues.length > 0) throw unprocessable(issues);
  const unreadable = params.unreadable ?? body?.unreadable ?? query.unreadable;
  if (unreadable !== null) throw unprocessable(unreadable);
  checkPermission(route, request.caller, params.value as Record<string, unknown>, body?.value);
  return await handler({
    params: params.value,
    query: query.value,
    body: body?.value,
    caller: request.caller,
    context,
    request: request.raw,
    response: reply.raw,
  });
}

async function readJson(context: ServerContext, route: Route, request: FastifyRequest) {
  if (route.body === null) throw new TypeError(`${route.path} declares no body`);
  const bytes = await readBody(request.raw, context.limits.maxBodyBytes);
  const schema = route.body as { type?: string; required?: readonly string[] };
  if (bytes.length === 0) {
    // An object whose members are all optional may stay away altogether.
    if (schema.type === "object") return decodeValue(route.body, schema.required?.length ? null : {}, "body");
    throw unprocessable([{ type: "missing", loc: ["body"], msg: "Field required", input: null }]);
  }
  const text = bodyText(bytes);
  if (isJsonType(request.headers["content-type"])) return decodeValue(route.body, parsePlainJson(text), "body");
  if (schema.type === "object") return decodeValue(route.body, text, "body");
  throw unprocessable([{ type: "json_type", loc: ["body"], msg: "The body must be announced as application/json", input: null }]);
}

/** After an answer that did not wait for the body: what still comes of it is read and dropped, but not for ever. */
function dropRest(request: FastifyRequest, milliseconds: number): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  const end = setTimeout(() => raw.socket.destroy(), milliseconds).unref();
  raw.once("close", () => clearTimeout(end));
  raw.once("end", () => clearTimeout(end));
}

async function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const failure = asHttpError(error, request);
  const { status, detail, headers } = failure;
  // What is left of a body is read and dropped: most clients look at the answer only when they have sent everything.
  request.raw.resume();
  reply.code(status).headers(headers).header("vary", "Accept-Encoding");
  if (isOurs(request)) return reply.header("content-type", problemMedia).send(Buffer.from(jsonText(problemOf(failure))));
  return reply.header("content-type", "application/json").send(jsonText({ detail }));
}

/** Below `/v1/`, errors are problem details, also those of paths that do not exist. */
function isOurs(request: FastifyRequest): boolean {
  const declared = request.routeOptions.config?.declared;
  return declared === undefined ? request.url.startsWith("/v1/") : declared.errors === "problem";
}

function asHttpError(error: unknown, request: FastifyRequest): Pick<HttpError, "status" | "detail" | "headers"> {
  if (error instanceof HttpError) return error;
  if (error instanceof StateStoreUnavailable || error instanceof ObjectStoreUnavailable) {
    request.log.error({ err: error }, "a store is unavailable");
    return storeUnavailable(error instanceof StateStoreUnavailable ? "state store" : "object store");
  }
  const status = (error as Partial<FastifyError>).statusCode;
  if (error instanceof Error && status !== undefined && status >= 400 && status < 500) {
    // Fastify's own: a content type that cannot be read (415) and the like.
    return new HttpError(status === 415 ? 422 : status, error.message);
  }
  if (error instanceof RequestCut) {
    request.log.warn({ method: request.method, url: request.url }, "the client went away in the middle of its request");
    return badRequest("the request ended before its body was complete");
  }
  request.log.error({ err: error, method: request.method, url: request.url }, "unexpected error");
  return new HttpError(500, "Internal Server Error");
}
