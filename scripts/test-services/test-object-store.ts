import { randomUUID } from "node:crypto";
import { askForService } from "./ask-for-service.ts";

/**
 * The address of an empty place on the S3 server for tests (`s3://bucket/prefix?…`); its credentials are put into this process's environment, `environment` holds them for
 * others. Undefined where this machine has none: skip the tests then. Call it with a top-level await, not in a hook: the server may have to be built first.
 */
export const createTestObjectStore = async (): Promise<
  { readonly url: string; readonly environment: Readonly<Record<string, string>> } | undefined
> => {
  const service = await askForService("s3");
  if (service === undefined) return undefined;
  Object.assign(process.env, service.environment);
  const [place = "", parameters = ""] = service.url.split("?");
  return { url: `${place}/${randomUUID()}?${parameters}`, environment: service.environment };
};
