import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { startSupervised } from "./supervised-process.ts";
import { ServiceAbsent, type TestService } from "./test-service.ts";
import { waitForPort } from "./wait-for-port.ts";

const run = promisify(execFile);
const version = "v1.8.0";
const bucket = "alchemiscale-tests";
const region = "us-east-1";

/**
 * A throw-away S3 server: versitygw over a temporary directory, on a free port of 127.0.0.1, with a bucket in it. Built once with Go below node_modules/.cache.
 * ALCHEMISCALE_TEST_S3_URL names a bucket that exists already (`s3://bucket/prefix?endpoint=…&region=…`, credentials from the usual variables).
 */
export const versitygw: TestService = {
  title: "S3",
  start: async () => {
    const given = process.env.ALCHEMISCALE_TEST_S3_URL;
    if (given !== undefined && given !== "") {
      return { url: given, environment: {}, description: "the one that ALCHEMISCALE_TEST_S3_URL names", stop: async () => {} };
    }
    const program = await build();
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-s3-"));
    const remove = () => rm(directory, { recursive: true, force: true });
    try {
      await mkdir(join(directory, "root", bucket), { recursive: true });
      await mkdir(join(directory, "metadata"));
      const environment = {
        AWS_ACCESS_KEY_ID: "tests",
        AWS_SECRET_ACCESS_KEY: randomBytes(16).toString("hex"),
        AWS_SESSION_TOKEN: "",
      };
      const port = await freePort();
      const service = await startSupervised(
        program,
        // Metadata in a directory of its own: extended attributes do not exist on every file system.
        [
          "--port",
          `127.0.0.1:${port}`,
          "--region",
          region,
          "posix",
          "--sidecar",
          join(directory, "metadata"),
          join(directory, "root"),
        ],
        {
          env: {
            PATH: process.env.PATH,
            HOME: directory,
            ROOT_ACCESS_KEY: environment.AWS_ACCESS_KEY_ID,
            ROOT_SECRET_KEY: environment.AWS_SECRET_ACCESS_KEY,
          },
          readyLine: new RegExp(`127\\.0\\.0\\.1:${port}`),
        },
      );
      // It says its address before it listens.
      await waitForPort(port);
      return {
        url: `s3://${bucket}?endpoint=http://127.0.0.1:${port}&region=${region}`,
        environment,
        description: `versitygw ${version}`,
        stop: async () => {
          await service.stop();
          await remove();
        },
      };
    } catch (error) {
      await remove();
      throw error;
    }
  },
};

/** Builds the pinned version unless it is there; returns the program's path. */
const build = async (): Promise<string> => {
  const directory = resolve("node_modules/.cache", `versitygw-${version}`);
  const program = join(directory, "versitygw");
  if (existsSync(program)) return program;
  await run("go", ["version"]).catch(() => {
    throw new ServiceAbsent("no Go here to build an S3 server (versitygw) with; install Go, or set ALCHEMISCALE_TEST_S3_URL");
  });
  process.stderr.write(`S3: building versitygw ${version} with Go, about a minute the first time …\n`);
  await run("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${version}`], {
    env: { ...process.env, GOBIN: directory, CGO_ENABLED: "0" },
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stderr?: string }) => {
    throw new ServiceAbsent(`versitygw could not be built: ${(error.stderr ?? String(error)).trim().split("\n").at(-1)}`);
  });
  return program;
};
