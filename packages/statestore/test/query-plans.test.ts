/** That no operation reads a whole table where it could seek: every statement's plan on SQLite, whose planner needs no data for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { freshStrategyState } from "../../../scripts/stored-networks/fresh-strategy-state.ts";
import { SearchesNeeded } from "../src/errors.ts";
import type { PatternSearch } from "../src/patterns/pattern-searcher.ts";
import { migrate } from "../src/sql/migrations/migrate.ts";
import { operationModes } from "../src/sql/operation-modes.ts";
import { operationOf } from "../src/sql/operations.ts";
import { noAnswers, type SearchAnswers, searchKey } from "../src/sql/restarts/pattern-searches.ts";
import { SqliteConnection } from "../src/sql/sqlite/sqlite-connection.ts";
import { sqliteDialect } from "../src/sql/sqlite/sqlite-dialect.ts";
import { compile, type Statement } from "../src/sql/statement.ts";
import type { Transaction } from "../src/sql/transaction.ts";
import { failure, report } from "./given.ts";
import { sampleNetwork } from "./sample-network.ts";

const directory = mkdtempSync(join(tmpdir(), "alchemiscale-plans-"));
const file = join(directory, "state.sqlite");
const connection = new SqliteConnection(file, "write");
const database = new DatabaseSync(file);
afterAll(() => {
  connection.close();
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Statement texts by the operation that ran them first. */
const seen = new Map<string, string>();
const called = new Set<string>();

async function call<R>(domain: string, method: string, ...args: unknown[]): Promise<R> {
  const name = `${domain}.${method}`;
  called.add(name);
  const tx = connection.transaction(Date.now() * 1000);
  const note = (statement: Statement<never, unknown>) => {
    const { text } = compile(statement, sqliteDialect);
    if (!seen.has(text)) seen.set(text, name);
  };
  const recording: Transaction = {
    ...tx,
    all: (statement, parameters) => {
      note(statement as Statement<never, unknown>);
      return tx.all(statement, parameters);
    },
    first: (statement, parameters) => {
      note(statement as Statement<never, unknown>);
      return tx.first(statement, parameters);
    },
    run: (statement, parameters) => {
      note(statement as Statement<never, unknown>);
      return tx.run(statement, parameters);
    },
    insert: (insertion, rows) => {
      note(insertion.ofList as Statement<never, unknown>);
      return tx.insert(insertion, rows);
    },
  };
  // Patterns are searched for between two runs.
  for (let answers: SearchAnswers = noAnswers; ; ) {
    connection.begin("write");
    try {
      const value = (await operationOf(domain, method)(recording, ...args, ...(answers.size === 0 ? [] : [answers]))) as R;
      connection.execute("commit");
      return value;
    } catch (error) {
      connection.execute("rollback");
      if (!(error instanceof SearchesNeeded)) throw error;
      const searches: readonly PatternSearch[] = JSON.parse(String(error.data.searches));
      answers = new Map(searches.map((search) => [searchKey(search), search.text.includes(search.pattern)]));
    }
  }
}

/** What may be read as a whole: a parameter, and rows made on the way. */
const mayScan: readonly RegExp[] = [
  /^SCAN json_each VIRTUAL TABLE/,
  /^SCAN CONSTANT ROW/,
  /^SCAN \(subquery-\d+\)/,
  /^SCAN \d+ CONSTANT ROWS/,
  // Indexes that hold only what is still to do.
  /^SCAN \w+ USING (COVERING )?INDEX (result_unread|\w+_stale)$/,
];
/** Names in plans that are not tables: recursive and other subqueries. */
const derived = new Set([
  "counted",
  "found",
  "touched",
  "closure",
  "c",
  "d",
  "descendant",
  "found",
  "live",
  "related",
  "some",
  "touched",
]);
/** Lists that people ask for as a whole, and which are short. */
const wholeLists = new Set([
  "services.list: SCAN s",
  "strategies.due: SCAN y USING INDEX sqlite_autoindex_strategy_1",
  "managers.list: SCAN manager USING INDEX sqlite_autoindex_manager_1",
  "managers.expire: SCAN manager",
  // A row a process, and a row a duty.
  "processes.beat: SCAN api_process",
  "processes.list: SCAN api_process",
  "processes.leave: SCAN lease",
  // A rebuild of everything begins with it.
  "estimates.forget: SCAN network_document",
  "estimates.forget: SCAN network_estimate",
  // For metrics, which keep the answer for a while.
  "tasks.count: SCAN task USING COVERING INDEX task_transformation",
  "tasks.count: SCAN task",
]);

/** What administrators run on everything, now and then. */
const wholeStore = new Set(["store.summary", "store.integrity", "store.reset"]);

it("every statement of every operation seeks", async () => {
  connection.begin("write");
  await migrate(connection.transaction(0), "test");
  connection.execute("commit");
  const submission = sampleNetwork({ scope: "o-c-p", transformations: 3 });
  const { network, hub } = await call<{ network: string; hub: string }>("networks", "submit", submission, { identity: "me" });
  await call("networks", "submit", { ...submission, state: "inactive" }, { identity: "me" });
  const [transformation] = await call<string[]>("networks", "transformationsOf", network);
  const [system] = await call<string[]>("networks", "chemicalSystemsOf", network);
  const create = (extend: unknown = null) =>
    call<string[]>("tasks", "create", [transformation, transformation], extend, "me", { identity: "me" });
  const [a, b] = await create();
  const [c, d] = await create([a, b]);
  const all = [a, b, c, d];
  const scopes = ["o-*-*"];
  const service = "svc-1";
  await call("services", "register", service, { managerName: null, sentManagerKey: true, identity: null });
  await call("hubs", "action", network, all, 0.3, {});
  await call("hubs", "action", network, all, [0.1, 0.2, 0.3, 0.4], {});
  await call("tasks", "setPriorities", all, 3n, { identity: "me", reason: "why" });
  await call("claims", "claimFromHub", hub, { service, count: 1, protocols: null });
  const claim = {
    service,
    count: 3,
    protocols: ["DummyProtocol"],
    scopes,
    exclude: ["p-*-*"],
    forgiveBefore: 0,
    maxFailures: 3,
    sentScopesExclude: true,
  };
  await call("claims", "claim", claim);
  await call("claims", "holder", a);
  await call("claims", "held", service);
  await call("results", "report", failure(a as never, service, "boom"));
  const ref = await call("results", "report", report(b as never, service));
  await call("results", "reportFailure", { task: a, service, exception: "E", traceback: "t", actor: {} });
  for (const ok of [true, false]) {
    await call("results", "ofTask", a, ok);
    await call("results", "ofTransformation", transformation, ok);
  }
  await call("estimates", "setHardware", ref, "H200");
  const [unread] = await call<{ cursor: number }[]>("estimates", "unread", 0, 10);
  await call("estimates", "writeReadings", [{ result: unread?.cursor, version: 1, text: "{}" }]);
  const [stale] = await call<{ id: number; revision: number }[]>("estimates", "staleTransformations", 10);
  await call("estimates", "writeSummaries", [{ id: stale?.id, revision: stale?.revision, text: "{}", brief: "{}", words: "" }]);
  await call("estimates", "staleNetworks", 10);
  await call("estimates", "networkInputs", network);
  await call("estimates", "writeNetworkEdges", network, "[]");
  await call("estimates", "writeNetworkEstimates", network, 1, "{}");
  await call("estimates", "ofTransformation", transformation);
  await call("estimates", "readings", transformation, 10);
  await call("estimates", "ofNetwork", network);
  await call("estimates", "backlog");
  await call("estimates", "forget", 0, 10);
  await call("results", "get", ref);
  await call("results", "tracebacks", ref);
  await call("results", "failuresWithoutResult", a);
  await call("results", "forExecution", d);
  await call("tasks", "setStatuses", all, "waiting", {});
  await call("tasks", "setStatuses", [c], "deleted", {});
  await call("tasks", "getStatuses", all);
  await call("tasks", "getPriorities", all);
  await call("tasks", "query", { scopes, status: "waiting" });
  await call("tasks", "ofNetwork", network, "waiting");
  await call("tasks", "networksOf", a);
  await call("tasks", "ofTransformation", transformation, {});
  await call("tasks", "ofTransformation", transformation, { extends: a });
  await call("tasks", "transformationOf", a);
  await call("hubs", "cancel", network, [a], {});
  await call("hubs", "actionedTasks", [network]);
  await call("hubs", "actionedNetworks", d);
  await call("hubs", "query", { scopes });
  await call("services", "heartbeat", service);
  await call("services", "get", service);
  await call("services", "list");
  await call("services", "failures", {});
  await call("services", "failures", { name: "svc-1" });
  const self = { id: "p1", kind: "both", host: "h", pid: 1, started: 0 };
  await call("processes", "beat", self, 10);
  await call("processes", "takeLease", "expiry", "p1", 10);
  await call("processes", "list");
  await call("processes", "liveness");
  await call("claims", "claim", { ...claim, failureMemory: "history" });
  await call("services", "expire", 1);
  await call("hubs", "action", network, [a], null, {});
  await call("claims", "claim", claim);
  await call("services", "deregister", service, {});
  await call("networks", "setStates", [network], ["active"], {});
  await call("networks", "getStates", [network]);
  await call("networks", "setWeights", [network], [0.7], {});
  await call("networks", "getWeights", [network]);
  await call("networks", "query", { scopes, name: ".*" });
  await call("networks", "queryTransformations", { scopes, name: "x" });
  await call("networks", "queryChemicalSystems", { scopes });
  for (const method of ["networksOfTransformation", "chemicalSystemsOfTransformation"])
    await call("networks", method, transformation);
  for (const method of ["networksOfChemicalSystem", "transformationsOfChemicalSystem"]) await call("networks", method, system);
  await call("networks", "scopeStatus", { scopes });
  await call("networks", "statuses", [network]);
  await call("networks", "transformationStatus", transformation);
  await call("objects", "exists", network);
  await call("objects", "exists", a);
  await call("objects", "chain", network);
  await call("objects", "packedChain", network);
  await call("identities", "put", "user", "me", "hash");
  await call("identities", "addScopes", "user", "me", scopes);
  await call("identities", "removeScopes", "user", "me", scopes);
  await call("identities", "listScopes", "user", "me");
  await call("identities", "get", "user", "me");
  await call("identities", "list", "user");
  await call("identities", "remove", "user", "me");
  const manager = "manager-00000000000000000000000000000001";
  await call("managers", "register", manager, { steal: true, identity: "me" });
  await call("services", "register", service, { managerName: "manager", sentManagerKey: true, identity: null });
  await call("managers", "report", manager, { status: "OK", saturation: 0.5 });
  await call("managers", "get", manager);
  await call("managers", "list");
  const wanted = { scopes, protocols: ["DummyProtocol"], forgiveBefore: 0, maxFailures: 3 };
  await call("managers", "instruction", manager, wanted);
  await call("managers", "instruction", manager, { ...wanted, failureMemory: "history" });
  await call("processes", "leave", "p1");
  await call("managers", "expire", 1, 1);
  await call("managers", "deregister", manager, {});
  await call("managers", "clearError", "manager", {});
  await call("hubs", "action", network, all, null, {});
  await call("restarts", "add", network, ["boom", "crash"], 2, {});
  await call("restarts", "setMaxRetries", network, ["boom"], 3, {});
  await call("restarts", "get", [network]);
  const [again] = await create();
  await call("hubs", "action", network, [again], null, {});
  await call("tasks", "setStatuses", [again], "running", {});
  await call("results", "report", failure(again as never, service, "boom"));
  await call("restarts", "remove", network, ["crash"], {});
  await call("restarts", "clear", network, {});
  await call("events", "ofTask", a, 0, 10);
  await call("events", "ofNetwork", network, 0, 10);
  await call("events", "since", 0, 10);
  await call("events", "latest");
  const entry = { key: "Strategy-1", qualname: "Strategy", module: "m", text: "{}", references: [], height: 0 };
  const key = await call<string>(
    "strategies",
    "set",
    network,
    { entries: [entry], key: entry.key, state: freshStrategyState },
    {},
  );
  await call("strategies", "get", network);
  await call("strategies", "updateState", network, key, 0, { ...freshStrategyState, iterations: 1, exception: ["E", "m"] });
  await call("strategies", "wake", network, {});
  await call("strategies", "due", { scopes, minSleep: 0, states: ["active"] });
  const { version } = await call<{ version: string }>("strategies", "work", network);
  await call("strategies", "describe", network);
  await call("strategies", "block", network, version, "nobody");
  const member = { status: "awake", exception: null, traceback: null };
  const nothing = { create: [], action: [], cancel: [], members: [member], resultCount: 0, decision: "{}" };
  await call("strategies", "apply", network, { ...member, ...nothing, version });
  await call("strategies", "decisions", network, null, 1);
  await call("strategies", "change", network, { mode: "full" }, {});
  await call("strategies", "set", network, null, {});
  await call("store", "check");
  await call("identities", "add", "user", "you", { hashedKey: "hash", scopes: ["o-c-p"], expires: null }, {});
  await call("identities", "setKey", "user", "you", "other", {});
  await call("identities", "setDisabled", "user", "you", true, {});
  await call("identities", "setExpires", "user", "you", 5, {});
  await call("identities", "describe", { limit: 10 });
  await call("identities", "describe", { type: "user", after: { type: "user", identifier: "a" }, limit: 10 });
  await call("identities", "changes", null, 10);
  await call("identities", "changes", 5, 10);
  await call("tasks", "count", false);
  await call("tasks", "count", true);
  await call("claims", "release", service, [a], {});
  const part = { after: 0, until: null, ok: null, transformation: null, limit: 10 };
  await call("results", "ofNetwork", network, part);
  await call("results", "ofNetwork", network, { ...part, until: 5, ok: true, transformation });
  await call("results", "find", ref);
  const whole = {
    resultKey: "ProtocolDAGResult-3",
    location: "l",
    created: "2026",
    extendsKey: "ProtocolDAGResult-2",
    actor: {},
  };
  await call("results", "import", { transformation, ...whole, ok: false, failures: [] });
  await call("results", "withKey", transformation, "ProtocolDAGResult-3", false);
  await call("results", "partOfTransformation", transformation, part);
  await call("events", "networksTouched", 0, 10);

  const missed = Object.entries(operationModes).flatMap(([domain, methods]) =>
    Object.keys(methods).flatMap((method) =>
      called.has(`${domain}.${method}`) || wholeStore.has(`${domain}.${method}`) ? [] : [`${domain}.${method}`],
    ),
  );
  expect(missed).toEqual([]);

  const scans: string[] = [];
  for (const [text, operation] of seen) {
    const plan = database.prepare(`explain query plan ${text}`).all() as { detail: string }[];
    for (const { detail } of plan) {
      // An automatic index is a scan that builds one.
      if (detail.includes("AUTOMATIC")) scans.push(`${operation}: ${detail}`);
      if (!detail.startsWith("SCAN ") || mayScan.some((pattern) => pattern.test(detail))) continue;
      if (derived.has(detail.slice(5).split(" ")[0] ?? "")) continue;
      if (!wholeLists.has(`${operation}: ${detail}`)) scans.push(`${operation}: ${detail}`);
    }
  }
  expect(scans).toEqual([]);
});
