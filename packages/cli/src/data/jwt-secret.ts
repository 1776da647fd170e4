/** The secret that signs tokens: given, or made once and kept. */
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { flushNames } from "@alchemiscale/statestore/durable-directory";
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";
import { createDataDirectory, type DataDirectory } from "./data-directory.ts";

/** Shorter ones can be guessed from one token. */
const leastBytes = 16;

export interface JwtSecret {
  readonly secret: string;
  /** For people; never the secret itself. */
  readonly source: string;
  readonly warning: string | null;
}

/**
 * `JWT_SECRET_KEY`, else the directory's own: 32 random bytes in hexadecimal, written at the first start with mode 600.
 * Servers that start together on one directory get the same one.
 * @throws {UsageError} for a kept file that is no secret.
 */
export function obtainJwtSecret(directory: DataDirectory): JwtSecret {
  const given = environmentVariable("JWT_SECRET_KEY");
  if (given !== undefined) {
    const bytes = Buffer.byteLength(given);
    return {
      secret: given,
      source: "JWT_SECRET_KEY",
      // Not refused: a site that has tokens in use must be able to move over.
      warning:
        bytes < leastBytes
          ? `JWT_SECRET_KEY has ${bytes} bytes; anyone who sees one token can guess so short a secret. Use at least 32 random bytes, for example from: openssl rand -hex 32`
          : null,
    };
  }
  createDataDirectory(directory);
  return {
    secret: readSecret(directory.secretFile) ?? writeSecret(directory.secretFile),
    source: directory.secretFile,
    warning: null,
  };
}

function readSecret(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  if (Buffer.byteLength(text) < leastBytes) {
    throw new UsageError(
      `${file} holds ${Buffer.byteLength(text)} bytes and is no usable JWT secret (at least ${leastBytes}); remove it to get a new one (tokens in use end), or set JWT_SECRET_KEY`,
    );
  }
  return text;
}

/** Written beside and linked into place: never half there, and of two that start together the first wins. */
function writeSecret(file: string): string {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const secret = randomBytes(32).toString("hex");
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    writeSync(descriptor, `${secret}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(temporary, file);
    flushNames(dirname(file));
    return secret;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const first = readSecret(file);
    if (first === undefined) throw error;
    return first;
  } finally {
    rmSync(temporary, { force: true });
  }
}
