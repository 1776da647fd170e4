import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { boxSettings } from "../../test/box-settings.ts";
import { StubComputeApi } from "../../test/stub-compute-api.ts";
import type { TaskExecutor } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { createNativeExecutor } from "../native/native-executor.ts";
import { parseSynchronousServiceSettings } from "../settings/synchronous-service-settings.ts";
import { SynchronousComputeService } from "./synchronous-compute-service.ts";

let directory: string;
let lines: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-service-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(() => {
  lines = [];
});

const idPattern = /^box-[0-9a-f]{32}$/;

async function started(api: StubComputeApi, more: Record<string, unknown> = {}, executor: TaskExecutor = createNativeExecutor()) {
  const values = {
    ...boxSettings(await api.listen(), directory),
    sleep_interval: 0.02,
    heartbeat_interval: 5,
    client_max_retries: 1,
    client_retry_base_seconds: 1.001,
    client_retry_max_seconds: 0,
    loglevel: "DEBUG",
    ...more,
  };
  const { settings } = parseSynchronousServiceSettings(JSON.stringify(values));
  const service = new SynchronousComputeService(settings, executor, { write: (line) => lines.push(line) });
  const run = service.run();
  return { service, run };
}

/** An executor that does as told, for states that real ones reach only by chance. */
function executorThat(execute: TaskExecutor["execute"]): TaskExecutor {
  return {
    name: "test",
    versions: { executor: { name: "test", version: "1" }, packages: {} },
    protocols: null,
    execute,
    close: async () => {},
  };
}

/** Never ends by itself. */
const endless = executorThat(
  (_, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
);

describe("a service", () => {
  test("sends provenance with the first result, and no more where the server passes over it and has no other place for it", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-1-o-c-p", "Task-2-o-c-p"]];
    const { run } = await started(api, { max_tasks: 2, claim_limit: 2 });
    await run;
    const sent = api.of("result").map(({ body }) => body as Record<string, unknown>);
    expect(sent.map((body) => Object.keys(body))).toEqual([
      ["protocoldagresult", "compute_service_id", "provenance"],
      ["protocoldagresult", "compute_service_id"],
    ]);
    expect(sent[0]?.provenance).toMatchObject({ executor: { name: "native" }, host: { name: hostname() } });
    expect(lines.filter((line) => line.includes("neither provenance nor files"))).toHaveLength(1);
  });

  test("registers, beats, claims what its executor can run, sends the result, and leaves at its limit", async () => {
    await using api = new StubComputeApi();
    api.claims = [[], ["Task-1-o-c-p"]];
    const { service, run } = await started(api, { max_tasks: 1, claim_limit: 3, scopes: ["o-c-*"], compute_manager_id: null });
    await run;
    const [registered] = api.of("register");
    expect(registered?.subject).toMatch(idPattern);
    expect(registered?.body).toEqual({
      compute_manager_id: null,
      host: hostname(),
      versions: { service: expect.stringMatching(/^\d/), executor: "native 1", node: process.versions.node },
    });
    const id = registered?.subject;
    expect(api.of("heartbeat").map(({ subject }) => subject)).toEqual([id]);
    expect(api.of("claim")[0]?.body).toEqual({
      scopes: [{ org: "o", campaign: "c", project: null }],
      scopes_exclude: null,
      compute_service_id: id,
      count: 1,
      protocols: ["HarmonicSwitchingProtocol"],
    });
    expect(api.of("result").map(({ subject }) => subject)).toEqual(["Task-1-o-c-p"]);
    expect(api.of("result")[0]?.body).toMatchObject({ compute_service_id: id });
    expect(api.calls.at(-1)).toMatchObject({ route: "deregister", subject: id });
    expect(service.executed).toBe(1);
  });

  test("writes its log in the format of the Python services", async () => {
    await using api = new StubComputeApi();
    const { run, service } = await started(api, { max_tasks: 0 });
    await run;
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatch(
        new RegExp(`^\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}\\] \\[${service.id}\\] \\[INFO\\] .*\\n$`),
      );
    }
  });

  test("ends after max_time without work", async () => {
    await using api = new StubComputeApi();
    const { run } = await started(api, { max_time: 0.5 });
    await run;
    expect(api.of("claim").length).toBeGreaterThan(1);
  });

  test("sleeps deeply when it is denied, and wakes when stopped", async () => {
    await using api = new StubComputeApi();
    api.answer = ({ route }) => (route === "claim" ? { json: null } : undefined);
    const { service, run } = await started(api, { deep_sleep_interval: 1000 });
    await api.until("claim");
    service.stop("test");
    await run;
    expect(api.of("claim")).toHaveLength(1);
  });
});

describe("what is claimed does not get lost", () => {
  test("when the reply to a claim is lost, the id that may have claimed is given up", async () => {
    await using api = new StubComputeApi();
    let claims = 0;
    api.answer = ({ route }) => {
      if (route !== "claim") return undefined;
      claims += 1;
      return claims === 1 ? "drop" : undefined;
    };
    api.claims = [["Task-2-o-c-p"]];
    const { run } = await started(api, { max_tasks: 1 });
    await run;
    const [first, second] = api.of("register").map(({ subject }) => subject);
    expect(second).not.toBe(first);
    expect(
      api.calls.filter(({ route }) => route !== "heartbeat" && route !== "token").map(({ route, subject }) => [route, subject]),
    ).toEqual([
      ["register", first],
      ["claim", ""],
      ["deregister", first],
      ["register", second],
      ["claim", ""],
      ["transformation", "Task-2-o-c-p"],
      ["result", "Task-2-o-c-p"],
      ["deregister", second],
    ]);
    expect(api.of("claim")[1]?.body).toMatchObject({ compute_service_id: second });
  });

  test.each([409, 500])("a claim answered with %i registers anew under another id", async (status) => {
    await using api = new StubComputeApi();
    let claims = 0;
    api.answer = ({ route }) => {
      if (route !== "claim") return undefined;
      claims += 1;
      return claims === 1 ? { status, json: { detail: "unknown service" } } : undefined;
    };
    api.claims = [["Task-3-o-c-p"]];
    const { run } = await started(api, { max_tasks: 1 });
    await run;
    expect(new Set(api.of("register").map(({ subject }) => subject)).size).toBe(2);
    expect(api.of("result")).toHaveLength(1);
  });

  test("a Task is given up when a heartbeat learns that the registration is gone, with the rest of the batch", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-4-o-c-p", "Task-5-o-c-p"]];
    let forgotten: string | null = null;
    api.answer = ({ route, subject }) => {
      if (route === "transformation") forgotten ??= api.of("register")[0]?.subject ?? null;
      return route === "heartbeat" && subject === forgotten ? { status: 409, json: { detail: "unknown" } } : undefined;
    };
    const { service, run } = await started(api, { claim_limit: 2, heartbeat_interval: 0.05 }, endless);
    await api.until("register", 2);
    expect(api.of("transformation").map(({ subject }) => subject)).toEqual(["Task-4-o-c-p"]);
    expect(api.of("result")).toHaveLength(0);
    service.stop("test");
    await run;
    expect(lines.join("")).toContain("gave up Task-4-o-c-p");
  });

  test("Tasks that an older server hands out in spite of scopes_exclude are set free", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-6-o-c-secret"]];
    const { service, run } = await started(api, { scopes_exclude: ["o-c-secret"] });
    await api.until("register", 2);
    service.stop("test");
    await run;
    expect(api.of("transformation")).toHaveLength(0);
    expect(lines.join("")).toContain("the server ignores scopes_exclude");
  });
});

describe("a server that is away", () => {
  test("gets the result when it is back", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-7-o-c-p"]];
    const outage: ("drop" | { status: number })[] = ["drop", { status: 502 }, { status: 503 }];
    api.answer = ({ route }) => (route === "result" ? outage.shift() : undefined);
    const { run } = await started(api, { max_tasks: 1 });
    await run;
    const bodies = api.of("result").map(({ body }) => JSON.stringify(body));
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
  });

  test("at the start ends the service after the retries of the settings", async () => {
    await using api = new StubComputeApi();
    api.answer = ({ route }) => (route === "register" ? { status: 503 } : undefined);
    const { run } = await started(api);
    await expect(run).rejects.toMatchObject({ name: "ApiError", status: 503 });
    const ids = api.of("register").map(({ subject }) => subject);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    expect(api.of("deregister")).toHaveLength(0);
  });

  test("that refuses the identity ends the service and says whose", async () => {
    await using api = new StubComputeApi();
    api.answer = ({ route }) => (route === "token" ? { status: 401, json: { detail: "Incorrect identity or key" } } : undefined);
    const { run } = await started(api);
    await expect(run).rejects.toThrow(/"worker"/);
  });
});

describe("a Task's trouble never ends the service", () => {
  test("an unreadable Transformation is reported", async () => {
    await using api = new StubComputeApi();
    api.transformation =
      '[["Transformation-0123456789abcdef0123456789abcdef", {"__qualname__": "Transformation", "__module__": "m"}]]';
    api.claims = [["Task-8-o-c-p"], ["Task-9-o-c-p"]];
    const { run } = await started(api, { max_tasks: 2 });
    await run;
    expect(api.of("failure").map(({ subject }) => subject)).toEqual(["Task-8-o-c-p", "Task-9-o-c-p"]);
    expect(api.of("failure")[0]?.body).toMatchObject({ exception: expect.stringContaining("protocol") });
  });

  test("a result that the server refuses is reported as a failure", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-10-o-c-p"]];
    api.answer = ({ route }) => (route === "result" ? { status: 413, json: { detail: "too large" } } : undefined);
    const { run } = await started(api, { max_tasks: 1 });
    await run;
    expect(api.of("failure")[0]?.body).toMatchObject({ exception: expect.stringContaining("too large") });
  });

  test("where failures cannot be reported, as to a Python server, the Task is set free", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-11-o-c-p"]];
    api.transformation = "[]";
    api.answer = ({ route }) => (route === "failure" ? { status: 404, json: { detail: "Not Found" } } : undefined);
    const { service, run } = await started(api);
    await api.until("register", 2);
    service.stop("test");
    await run;
    expect(api.of("failure")).toHaveLength(1);
  });

  test("an executor that cannot work at all does end it, and the Task waits again", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-12-o-c-p"]];
    const broken = executorThat(async () => {
      throw new ExecutorUnavailable("no interpreter");
    });
    const { run } = await started(api, {}, broken);
    await expect(run).rejects.toThrow("no interpreter");
    expect(api.of("failure")).toHaveLength(0);
    expect(api.of("deregister")).toHaveLength(1);
  });
});

describe("a stopped service", () => {
  test("aborts the running Task, sends nothing of it, and deregisters", async () => {
    await using api = new StubComputeApi();
    api.claims = [["Task-13-o-c-p"]];
    const { service, run } = await started(api, {}, endless);
    await api.until("transformation");
    service.stop("test");
    await run;
    expect(api.of("result")).toHaveLength(0);
    expect(api.of("failure")).toHaveLength(0);
    expect(api.of("deregister")).toHaveLength(1);
  });

  test("does not wait for a server that is away", async () => {
    await using api = new StubComputeApi();
    api.answer = ({ route }) => (route === "claim" || route === "deregister" ? { status: 503 } : undefined);
    const { service, run } = await started(api);
    await api.until("deregister");
    service.stop("test");
    await run;
    expect(lines.join("")).toContain("not deregistered");
  });
});
