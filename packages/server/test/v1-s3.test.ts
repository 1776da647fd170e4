/** Results on a real S3 server: addresses, a store that goes away in the middle, and objects that the Python server wrote long ago. */
import { randomBytes } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gate } from "../../../scripts/test-services/gate.ts";
import { createTestObjectStore } from "../../../scripts/test-services/test-object-store.ts";
import { LiveServer } from "./live-server.ts";
import { readResultStream } from "./result-stream.ts";

const place = await createTestObjectStore();

describe.skipIf(place === undefined)("on S3", () => {
  let live: LiveServer;
  let gate: Gate;
  let network: ScopedKey;
  let transformation: ScopedKey;

  beforeAll(async () => {
    const [address = "", query = ""] = (place?.url ?? "").split("?");
    const parameters = new URLSearchParams(query);
    gate = await Gate.to(Number(new URL(parameters.get("endpoint") ?? "").port));
    parameters.set("endpoint", `http://127.0.0.1:${gate.port}`);
    live = await LiveServer.start({ objectUrl: `${address}?${parameters}` });
    ({ network, transformation } = await live.network());
  });
  afterAll(async () => {
    for await (const { path } of live.objects.list("")) await live.objects.delete(path);
    await live.stop();
    await gate.shut();
  });

  test("the address of a result gives its bytes to anyone, for the time asked for", async () => {
    const [task] = await live.tasks(transformation, 1);
    const bytes = randomBytes(5000);
    const ref = await live.result(task as ScopedKey, transformation, bytes);
    const reply = await live.get(`/v1/results/${ref}/url?seconds=120`);
    expect(reply.status).toBe(200);
    const { url, expires } = (await reply.json()) as { url: string; expires: string };
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan(100_000);
    expect(Date.parse(expires) - Date.now()).toBeLessThanOrEqual(120_000);
    expect(url).toContain("X-Amz-Expires=120");
    expect(url).not.toContain(process.env.AWS_SECRET_ACCESS_KEY);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes)).toBe(true);
    const [other] = await live.tasks(transformation, 1);
    const lost = await live.result(other as ScopedKey, transformation, null);
    expect((await live.get(`/v1/results/${lost}/url`)).status).toBe(404);
  });

  test("a store that is gone is 503, a stream says how far it came, and both work again when it is back", {
    timeout: 60_000,
  }, async () => {
    const tasks = await live.tasks(transformation, 6);
    for (const task of tasks) await live.result(task, transformation, randomBytes(2000));
    const all = (await (await live.get(`/v1/networks/${network}/results?include=metadata`)).text()).trim().split("\n");
    const ref = String((JSON.parse(all[0] ?? "{}") as { ref: string }).ref);
    await gate.shut();
    for (const path of [`/v1/results/${ref}`, `/v1/results/${ref}/url`]) {
      const reply = await live.get(path);
      expect([reply.status, reply.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
      expect(await reply.text()).not.toContain(process.env.AWS_SECRET_ACCESS_KEY);
    }
    const stream = await live.get(`/v1/networks/${network}/results`);
    expect(stream.status).toBe(200);
    expect(await stream.text()).toMatch(
      /^\{"problem":\{"type":"about:blank","title":"Service Unavailable","status":503,.*\}\}\n$/,
    );
    await gate.open();
    expect((await live.get(`/v1/results/${ref}`)).status).toBe(200);
    const { end } = await readResultStream(await live.get(`/v1/networks/${network}/results`));
    expect(end?.count).toBe(all.length - 1);
  });

  test("objects of old, uncompressed and elsewhere, are found by the place that their reference names", async () => {
    const [task] = await live.tasks(transformation, 1);
    const [, , org, campaign, project] = transformation.split("-");
    const resultKey = `ProtocolDAGResult-${"d".repeat(32)}`;
    const location = `protocoldagresult/${org}/${campaign}/${project}/Transformation-${"e".repeat(32)}/results/${resultKey}/obj.json`;
    const text = '{"__qualname__": "ProtocolDAGResult", "name": "é", "value": 1.0}';
    await live.objects.put(location, Buffer.from(text));
    const ref = await live.state.results.report({
      task: task as ScopedKey,
      service: "old",
      resultKey,
      ok: true,
      location,
      created: "2024-01-01T00:00:00.000000+00:00",
      failures: [],
      actor: {},
    });
    const compatible = await live.get(`/transformations/${transformation}/results/${ref}`);
    const [characters = ""] = (await compatible.json()) as [string];
    expect(Buffer.from(characters, "latin1").toString()).toBe(text);
    expect(await (await live.get(`/v1/results/${ref}`)).text()).toBe(text);
    const { url } = (await (await live.get(`/v1/results/${ref}/url`)).json()) as { url: string };
    expect(await (await fetch(url)).text()).toBe(text);
    const { results } = await readResultStream(await live.get(`/v1/networks/${network}/results`));
    expect(results.at(-1)?.bytes.toString()).toBe(text);
  });
});
