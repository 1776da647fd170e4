import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { networkIndex, sliceKeyedChain } from "@alchemiscale/gufe";
import { expect, test } from "vitest";
import { readableNetwork } from "./readable-network.ts";

const size = { systems: 12, transformations: 20, mostCarbons: 8 };
const interpreter = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";

test("has the size that is asked for, and another seed shares no system with it", () => {
  const [one, other] = [1, 2].map((seed) => networkIndex(sliceKeyedChain(readableNetwork({ ...size, seed }).text)));
  expect(one?.nodes).toHaveLength(12);
  expect(one?.edges).toHaveLength(20);
  expect(new Set([...(one?.nodes ?? []), ...(other?.nodes ?? [])]).size).toBe(24);
});

test.skipIf(interpreter === "")("gufe reads it and gives every object the same key (ALCHEMISCALE_TEST_PYTHON)", async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-readable-"));
  try {
    const file = join(directory, "network.json");
    const { text } = readableNetwork({ ...size, seed: 3 });
    await writeFile(file, text);
    const program = `
import json, sys
from gufe.tokenization import JSON_HANDLER, KeyedChain
network = KeyedChain([tuple(link) for link in json.load(open(sys.argv[1]), cls=JSON_HANDLER.decoder)]).to_gufe()
print(json.dumps(sorted(key for key, _ in KeyedChain.gufe_to_keyed_chain_rep(network))))`;
    const { stdout } = await promisify(execFile)(interpreter, ["-c", program, file]);
    expect(JSON.parse(stdout)).toEqual(
      sliceKeyedChain(text)
        .entries.map(({ key }) => key)
        .sort(),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
