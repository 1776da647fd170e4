/** The documentation of an API, served by itself. */
import { Type } from "typebox";
import { anyone, computeGet, userGet } from "../declare-route.ts";
import { AnyJson } from "../wire-types.ts";

const description = {
  path: "/v1/openapi.json",
  summary: "This API as an OpenAPI 3.1 document",
  permission: anyone,
  reply: AnyJson,
  errors: "problem",
} as const;
const page = {
  path: "/v1/docs",
  summary: "This API as a page for people",
  permission: anyone,
  reply: Type.String(),
  media: ["text/html"],
  errors: "problem",
} as const;
const pageFile = {
  path: "/v1/docs/:file",
  summary: "A part of that page",
  permission: anyone,
  params: { file: Type.String() },
  reply: Type.String(),
  media: ["text/javascript", "text/css"],
  errors: "problem",
} as const;

export const userV1DocumentationRoutes = {
  openApi: userGet(description),
  docsPage: userGet(page),
  docsFile: userGet(pageFile),
} as const;

export const computeV1DocumentationRoutes = {
  openApi: computeGet(description),
  docsPage: computeGet(page),
  docsFile: computeGet(pageFile),
} as const;
