import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { isObjectPath, objectPathSegments, objectPrefixSegments } from "../object-path.ts";
import type { ListedObject, ObjectStore, PendingObject, StoredObject } from "../object-store.ts";
import { InvalidObjectPath, InvalidObjectStoreUrl, ObjectNotFound, ObjectStoreUnavailable } from "../object-store-error.ts";
import { openSpoolFile } from "../spool-file.ts";
import { writeAll } from "../write-all.ts";
import { parseS3Address } from "./s3-address.ts";

const smallestPart = 8 * 1024 * 1024;
const mostParts = 10_000;

/**
 * Keeps objects in an S3 bucket under `prefix/path`, as the Python server does: a site may change between the two.
 *
 * Objects are spooled to the local disk and uploaded when complete, because the path of a result is known only at its last bytes and S3 cannot rename; uploading under
 * a temporary key and copying would double the traffic, ends at 5 GiB, and leaves keys behind after a crash. It also means that a part can be sent
 * again after a fault, that a slow client holds no connection to S3, and that memory is bounded by two parts of 8 MiB (more only above 78 GiB).
 */
export const openS3Store = (url: string, options: { readonly spoolDirectory?: string } = {}): ObjectStore => {
  const address = parseS3Address(url);
  const spoolDirectory = options.spoolDirectory ?? tmpdir();
  const description = `s3://${address.bucket}${address.prefix === "" ? "" : `/${address.prefix}`}${address.endpoint === undefined ? "" : ` at ${new URL(address.endpoint).host}`}`;
  const client = new S3Client(clientConfiguration(address));
  const Bucket = address.bucket;
  const root = address.prefix === "" ? "" : `${address.prefix}/`;
  const keyOf = (path: string): string => root + objectPathSegments(path).join("/");
  const pending = new Set<PendingObject>();

  const asStoreError = (operation: string, error: unknown): Error => {
    if (error instanceof InvalidObjectPath || error instanceof ObjectNotFound || error instanceof ObjectStoreUnavailable)
      return error;
    return new ObjectStoreUnavailable(description, operation, reasonOf(error, Bucket), { cause: error });
  };

  const begin = async (): Promise<PendingObject> => {
    const spool = await openSpoolFile(spoolDirectory).catch((error) => {
      throw asStoreError("begin an object", error);
    });
    const finish = async (): Promise<void> => {
      if (pending.delete(object)) await spool.close().catch(() => {});
    };
    const mustBeOpen = (operation: string): void => {
      if (!pending.has(object))
        throw new ObjectStoreUnavailable(description, operation, "the object is already committed or aborted");
    };
    const object: PendingObject = {
      get bytes() {
        return spool.bytes;
      },
      write: async (chunk) => {
        mustBeOpen("write");
        await spool.append(chunk).catch((error) => {
          throw asStoreError("write", error);
        });
      },
      commit: async (path) => {
        mustBeOpen("commit");
        try {
          const upload = new Upload({
            client,
            params: {
              Bucket,
              Key: keyOf(path),
              Body: spool.read(),
              ContentLength: spool.bytes,
              ContentType: "application/octet-stream",
            },
            partSize: Math.max(smallestPart, Math.ceil(spool.bytes / (mostParts - 1))),
            queueSize: 2,
          });
          await upload.done();
        } catch (error) {
          throw asStoreError("commit", error);
        } finally {
          await finish();
        }
      },
      abort: finish,
    };
    pending.add(object);
    return object;
  };

  const sizeOf = async (path: string): Promise<number | undefined> => {
    try {
      return (await client.send(new HeadObjectCommand({ Bucket, Key: keyOf(path) }))).ContentLength ?? 0;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw asStoreError("look up an object", error);
    }
  };

  const emptyPart = async (path: string): Promise<StoredObject> => {
    const size = await sizeOf(path);
    if (size === undefined) throw new ObjectNotFound(path);
    return { size, body: Readable.from([]), close: async () => {} };
  };

  const put: ObjectStore["put"] = async (path, source, putOptions) => {
    objectPathSegments(path);
    return writeAll(begin, path, source, putOptions?.signal);
  };

  const remove = async (path: string): Promise<void> => {
    try {
      await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(path) }));
    } catch (error) {
      if (!isAbsent(error)) throw asStoreError("delete", error);
    }
  };

  return {
    description,
    begin,
    put,
    delete: remove,

    get: async (path, range) => {
      const Key = keyOf(path);
      const offset = range?.offset ?? 0;
      if (range?.length !== undefined && range.length <= 0) return emptyPart(path);
      const last = range?.length === undefined ? "" : offset + range.length - 1;
      const wanted = range === undefined ? {} : { Range: `bytes=${offset}-${last}` };
      try {
        const reply = await client.send(new GetObjectCommand({ Bucket, Key, ...wanted }));
        const source = reply.Body as Readable;
        const expected = reply.ContentLength ?? 0;
        return {
          size: Number(reply.ContentRange?.split("/")[1] ?? expected),
          body: wholeBody(source, expected, (error) => asStoreError("read", error)),
          close: async () => {
            source.destroy();
          },
        };
      } catch (error) {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) return emptyPart(path);
        throw isAbsent(error) ? new ObjectNotFound(path, { cause: error }) : asStoreError("read", error);
      }
    },

    exists: async (path) => (await sizeOf(path)) !== undefined,

    list: async function* (prefix): AsyncGenerator<ListedObject> {
      const folder = objectPrefixSegments(prefix).join("/");
      if (folder !== "") {
        const size = await sizeOf(folder);
        if (size !== undefined) yield { path: folder, size };
      }
      const Prefix = folder === "" ? root : `${root}${folder}/`;
      let ContinuationToken: string | undefined;
      do {
        const page = await client
          .send(new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken === undefined ? {} : { ContinuationToken }) }))
          .catch((error) => {
            throw asStoreError("list", error);
          });
        for (const { Key = "", Size = 0 } of page.Contents ?? []) {
          const path = Key.slice(root.length);
          if (isObjectPath(path)) yield { path, size: Size };
        }
        ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined);
    },

    check: async () => {
      try {
        await client.send(new ListObjectsV2Command({ Bucket, Prefix: root, MaxKeys: 1 }));
      } catch (error) {
        throw asStoreError("list", error);
      }
      await put("_check_test", new TextEncoder().encode("test"));
      await remove("_check_test");
    },

    presign: async (path, seconds) => {
      const Key = keyOf(path);
      try {
        return await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: seconds });
      } catch (error) {
        throw asStoreError("sign an address", error);
      }
    },

    close: async () => {
      await Promise.all([...pending].map((object) => object.abort()));
      client.destroy();
    },
  };
};

const clientConfiguration = (address: ReturnType<typeof parseS3Address>): S3ClientConfig => {
  const endpoint = address.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const elsewhere = endpoint !== undefined && endpoint !== "";
  if (elsewhere && !URL.canParse(endpoint))
    throw new InvalidObjectStoreUrl(`s3://${address.bucket}`, "AWS_ENDPOINT_URL is no address");
  return {
    region: address.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1",
    forcePathStyle: address.pathStyle ?? elsewhere,
    ...(elsewhere ? { endpoint } : {}),
    // Trailing checksums are Amazon's own; many other servers refuse them.
    requestChecksumCalculation: elsewhere ? "WHEN_REQUIRED" : "WHEN_SUPPORTED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000, throwOnRequestTimeout: true },
  };
};

/** Passes a body on, with an error in place of a silent early end. */
async function* wholeBody(source: Readable, expected: number, asError: (error: unknown) => Error): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of source) {
      received += (chunk as Uint8Array).byteLength;
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throw asError(error);
  } finally {
    source.destroy();
  }
  if (received !== expected) throw asError(new Error(`${received} of ${expected} bytes came`));
}

const isAbsent = (error: unknown): boolean =>
  error instanceof S3ServiceException &&
  (error.name === "NoSuchKey" || (error.name === "NotFound" && error.$metadata.httpStatusCode === 404));

const reasonOf = (error: unknown, bucket: string): string => {
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? "no reply";
    if (error.name === "NoSuchBucket") return `the bucket '${bucket}' does not exist; create it first`;
    if (status === 403)
      return `access refused (${error.name}); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and the rights on the bucket '${bucket}'`;
    return `${error.name} (status ${status}): ${error.message}`;
  }
  if (error instanceof AggregateError && error.errors.length > 0) return String((error.errors[0] as Error).message);
  return error instanceof Error ? error.message || error.name : String(error);
};
