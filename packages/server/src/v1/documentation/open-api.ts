/** `GET /v1/openapi.json`: made when it is asked for, which is seldom, so that it takes no memory. */
import { readFileSync } from "node:fs";
import { type Api, computeRoutes, openApiDocument, type Route, userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";

export const openApi: Handler<typeof userRoutes.openApi> = () => documentOf("user", userRoutes);

export const computeOpenApi: Handler<typeof computeRoutes.openApi> = () => documentOf("compute", computeRoutes);

async function documentOf(api: Api, routes: Readonly<Record<string, Route>>): Promise<StreamedReply> {
  const text = JSON.stringify(openApiDocument({ api, routes, version: serverVersion() }));
  async function* pieces() {
    yield text;
  }
  return new StreamedReply("application/json", pieces(), { compressible: true });
}

function serverVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0";
}
