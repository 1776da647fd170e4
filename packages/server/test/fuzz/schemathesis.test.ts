/** Requests made from the OpenAPI documents by another program: no 5xx, and only the answers that are documented, in the form that is. */
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "../exchange.ts";
import { forgedToken } from "../forged-token.ts";
import { ServerProcess } from "../server-process.ts";
import { smallNetwork } from "../session.ts";
import { findSchemathesis } from "./find-schemathesis.ts";

const command = await findSchemathesis();
const seed = Number(process.env.ALCHEMISCALE_TEST_SEED ?? randomInt(2 ** 31));
const long = process.env.ALCHEMISCALE_FUZZ_REQUESTS !== undefined;
const secret = "a secret for tests only";
const token = (api: string) =>
  forgedToken({ secret, claims: { sub: "root", scopes: ["*-*-*"], aud: `alchemiscale-${api}`, exp: 2 ** 32 } });

/** Its reply has pairs of two kinds, `prefixItems`: schemathesis writes that as older JSON Schema had it, and then reads it as the newer. */
const withPairs = "/bulk/networks/restartpatterns/get";
const checks = "not_a_server_error,status_code_conformance,content_type_conformance";

interface Outcome {
  readonly code: number | string;
  readonly output: string;
}

function schemathesis(args: readonly string[], directory: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command ?? "", args, { cwd: directory, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? String(error.signal)), output: `${stdout}${stderr}` });
    });
  });
}

describe.skipIf(command === undefined)(`schemathesis (ALCHEMISCALE_TEST_SCHEMATHESIS; seed ${seed})`, () => {
  let server: ServerProcess;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-schemathesis-"));
    server = await ServerProcess.start({
      identities: [{ type: "admin", identifier: "root", key: "the root key", scopes: [] }],
    });
    const headers = { authorization: `Bearer ${token("user")}`, "content-type": "application/json" };
    await exchange("POST", `${server.user}/networks`, headers, smallNetwork());
  });
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test.each([
    ["the user API", "user", "user", ["--exclude-path-regex", "^/v1/admin/", "--exclude-path", withPairs], true],
    ["a form of reply that it cannot read", "user", "user", ["--include-path", withPairs], false],
    ["administration", "user", "admin", ["--include-path-regex", "^/v1/admin/"], true],
    ["the compute API", "compute", "compute", [], true],
  ] as const)("finds nothing in %s", { timeout: long ? 3_600_000 : 180_000 }, async (_, api, kind, selection, asksForForm) => {
    const { code, output } = await schemathesis(
      [
        "run",
        `${server[api]}/v1/openapi.json`,
        ...["--header", `Authorization: Bearer ${token(kind)}`],
        ...selection,
        ...["--phases", long ? "examples,coverage,fuzzing" : "examples,fuzzing", "--max-examples", long ? "100" : "3"],
        // A claim may wait for a minute.
        ...["--request-timeout", "70", "--seed", String(seed), "--no-color"],
        ...["--checks", asksForForm ? `${checks},response_schema_conformance` : checks],
      ],
      directory,
    );
    expect(code, output.slice(-8000)).toBe(0);
    expect(output).toMatch(/passed/);
  });
});
