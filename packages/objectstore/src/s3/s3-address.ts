import { isObjectPath } from "../object-path.ts";
import { InvalidObjectStoreUrl } from "../object-store-error.ts";

/** What an `s3:` address says. */
export interface S3Address {
  readonly bucket: string;
  /** Empty, or segments joined by `/`, without one at either end. */
  readonly prefix: string;
  /** Of the service; absent: Amazon's, or that of AWS_ENDPOINT_URL. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Whether the bucket stands in the path and not in the host name; absent: where there is an endpoint. */
  readonly pathStyle: boolean | undefined;
}

const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Reads `s3://bucket/prefix?endpoint=URL&region=NAME&path-style=true|false`. Throws `InvalidObjectStoreUrl`. */
export const parseS3Address = (url: string): S3Address => {
  const shown = url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/s, "");
  const refuse = (rule: string): InvalidObjectStoreUrl => new InvalidObjectStoreUrl(shown, rule);

  const match = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (match === null) throw refuse("it does not have the form s3://bucket/prefix");
  const [, bucket = "", rawPrefix = "", query = ""] = match;
  if (bucket.includes("@"))
    throw refuse("credentials belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not into the address");
  if (!bucketPattern.test(bucket)) throw refuse("the bucket must be 3 to 63 of a-z 0-9 . -");
  const prefix = rawPrefix.replace(/^\/+|\/+$/g, "");
  if (prefix !== "" && !isObjectPath(prefix))
    throw refuse("the prefix must be names of A-Z a-z 0-9 _ . = + @ - joined by single slashes");

  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (!["endpoint", "region", "path-style"].includes(name))
      throw refuse(`'${name}' is not one of its parameters endpoint, region, path-style`);
    if (parameters.getAll(name).length > 1) throw refuse(`the parameter '${name}' is given twice`);
  }
  const endpoint = parameters.get("endpoint") ?? undefined;
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol))) {
    throw refuse("its parameter endpoint must be an http:// or https:// address");
  }
  const pathStyle = parameters.get("path-style");
  if (pathStyle !== null && pathStyle !== "true" && pathStyle !== "false")
    throw refuse("its parameter path-style must be true or false");
  return {
    bucket,
    prefix,
    endpoint,
    region: parameters.get("region") ?? undefined,
    pathStyle: pathStyle === null ? undefined : pathStyle === "true",
  };
};
