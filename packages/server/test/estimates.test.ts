/** What results say, as the server tells it. */
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

let live: LiveServer;
beforeAll(async () => {
  live = await LiveServer.start();
});
afterAll(() => live.stop());

const estimateOf = async (transformation: ScopedKey) =>
  (await (await live.get(`/v1/transformations/${transformation}/estimate?wait=20`)).json()) as Record<string, unknown>;

test("a result that cannot be read leaves a reason", async () => {
  const { transformation } = await live.network();
  const [broken, lost, failed] = (await live.tasks(transformation, 3)) as [ScopedKey, ScopedKey, ScopedKey];
  await live.result(broken, transformation, Buffer.from("no result at all"));
  await live.result(lost, transformation, null);
  await live.result(failed, transformation, Buffer.from("no result"), false);
  const estimate = await estimateOf(transformation);
  expect(estimate).toMatchObject({ estimate: null, up_to_date: true, unread: 0, succeeded: 2, failed: 1 });
  expect(estimate.unreadable).toHaveLength(3);
});
