/** One of several processes on one cache: `DIRECTORY SEED`. Content follows from its key, so that a wrong one is seen. */
import { createHash } from "node:crypto";
import { diskCache } from "../src/node/index.ts";

const [directory = "", seed = "1"] = process.argv.slice(2);
const problems: string[] = [];
const cache = diskCache({ directory, maxBytes: 2_000_000, onProblem: (problem) => problems.push(problem) });
const contentOf = (key: string) => Buffer.alloc(50_000 + key.length, createHash("sha256").update(key).digest());
let hits = 0;
let state = Number(seed);
for (let i = 0; i < 600; i += 1) {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  const key = `key ${state % 60}`;
  const held = await cache.get("a server", "result", key);
  if (held === undefined) await cache.put("a server", "result", key, contentOf(key));
  else {
    hits += 1;
    if (!contentOf(key).equals(held)) problems.push(`${key} has another content`);
  }
}
console.log(JSON.stringify({ hits, problems }));
