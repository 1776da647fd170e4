/** `GET /v1/docs`: Swagger UI on the OpenAPI document of the same port. Its files come from this machine, and are read when they are asked for. */
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { notFound } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>alchemiscale API</title>
<link rel="icon" type="image/png" href="/v1/docs/favicon-32x32.png">
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/start.js"></script>
</body>
</html>
`;
const start = `SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

const files: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

/** Nothing from elsewhere, whatever a description holds. Swagger UI sets styles of elements. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const headers = { "content-security-policy": policy, "x-content-type-options": "nosniff" };
const kept = { ...headers, "cache-control": "public, max-age=3600" };

export const docsPage: Handler<typeof userRoutes.docsPage> = async () =>
  new StreamedReply("text/html; charset=utf-8", once(page), { headers });

export const docsFile: Handler<typeof userRoutes.docsFile> = async ({ params }) => {
  const { file } = params;
  if (file === "start.js") return new StreamedReply("text/javascript; charset=utf-8", once(start), { headers: kept });
  const media = Object.hasOwn(files, file) ? files[file] : undefined;
  if (media === undefined) throw notFound(`part '${file.slice(0, 100)}' of the documentation`);
  const folder = join(dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json")), "static");
  return new StreamedReply(media, createReadStream(join(folder, file)), { headers: kept, compressible: true });
};

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
