/** What managers of 0.7.0 and 0.7.1 send: dashed ids, neither `steal` nor `protocols` (compatibility §2, X6, X7). As 0.7.1 sends them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

let live: LiveServer;
beforeAll(async () => {
  live = await LiveServer.start();
});
afterAll(() => live.stop());

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await live.post("compute", path, body);
  return { status: reply.status, body: await reply.json() };
}

// Letters and digits in any order were a name then.
test.each(["hpc", "2ndQueue"])("a manager %s registers, is instructed, reports, has services, and ends", async (name) => {
  const id = `${name}-f4a6c8de-9a4e-4d0c-8f6e-0d2b5a9c7e11`;
  const at = `/computemanager/${id}`;
  const service = `svc.${name}-0f9d1c6e-52a7-4f5b-8a43-6a1f4f7e2b90`;
  const scopes = { scopes: [{ org: "*", campaign: "*", project: "*" }] };
  const ok = { detail: null, saturation: 0.25, status: "OK" };

  expect(await post(`${at}/instruction`, scopes)).toMatchObject({ status: 200, body: { instruction: "SHUTDOWN" } });
  expect(await post(`${at}/register`, {})).toEqual({ status: 200, body: id });
  expect(await post(`${at}/register`, {})).toMatchObject({ status: 422, body: { detail: expect.stringContaining("status OK") } });
  const idle = { instruction: "OK", compute_service_ids: [], num_tasks: 0 };
  expect(await post(`${at}/instruction`, scopes)).toEqual({ status: 200, body: idle });
  expect(await post(`/computeservice/${service}/register`, { compute_manager_id: id })).toEqual({ status: 200, body: service });
  const busy = { ...idle, compute_service_ids: [service] };
  // Without scopes: all.
  expect(await post(`${at}/instruction`, { scopes: [] })).toEqual({ status: 200, body: busy });
  expect(await post(`${at}/status`, ok)).toEqual({ status: 200, body: id });
  expect(await live.state.managers.list()).toMatchObject([{ manager: id, status: "OK", saturation: 0.25, services: [service] }]);

  const failed = { detail: "ValueError('no quota')", saturation: null, status: "ERROR" };
  expect(await post(`${at}/status`, failed)).toEqual({ status: 200, body: id });
  expect(await post(`${at}/deregister`, {})).toEqual({ status: 200, body: id });
  expect(await live.state.managers.list()).toMatchObject([{ manager: id, status: "ERROR", detail: "ValueError('no quota')" }]);
  expect(await post(`/computemanager/${name}/clear_error`, {})).toEqual({ status: 200, body: null });
  expect(await post(`/computemanager/${name}/clear_error`, {})).toMatchObject({ status: 422 });

  expect(await post(`${at}/register`, {})).toEqual({ status: 200, body: id });
  expect(await post(`${at}/deregister`, {})).toEqual({ status: 200, body: id });
  expect(await live.state.managers.list()).toEqual([]);
  expect(await post(`/computeservice/${service}/deregister`, {})).toEqual({ status: 200, body: service });
});
