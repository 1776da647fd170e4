import { describe, expect, test } from "vitest";
import { InvalidSettings } from "./invalid-settings.ts";
import { parseSynchronousServiceSettings } from "./synchronous-service-settings.ts";

const minimal = `
api_url: https://compute.example.org
identifier: worker
key: "1234"
name: box
shared_basedir: ./shared
scratch_basedir: /scratch
`;

function problems(yaml: string, overrides = {}) {
  try {
    parseSynchronousServiceSettings(yaml, overrides);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems;
    throw error;
  }
  return [];
}

test("what is not given has upstream's defaults", () => {
  expect(parseSynchronousServiceSettings(minimal)).toEqual({
    settings: {
      api_url: "https://compute.example.org",
      identifier: "worker",
      key: "1234",
      name: "box",
      compute_manager_id: null,
      shared_basedir: "./shared",
      scratch_basedir: "/scratch",
      keep_shared: false,
      keep_scratch: false,
      n_retries: 3,
      sleep_interval: 30,
      deep_sleep_interval: 300,
      heartbeat_interval: 300,
      scopes: null,
      scopes_exclude: null,
      protocols: null,
      claim_limit: 1,
      max_tasks: null,
      max_time: null,
      loglevel: "WARNING",
      logfile: null,
      client_cache_directory: null,
      client_cache_size_limit: 1073741824,
      client_use_local_cache: false,
      client_max_retries: 5,
      client_retry_base_seconds: 2,
      client_retry_max_seconds: 60,
      client_verify: true,
      stop_unactioned: false,
      stop_after_failures: 5,
      unit_memory_limit: null,
      unit_time_limit: null,
      keep_output: true,
      kept_files: [],
      kept_file_limit: 16 * 1024 * 1024,
      kept_files_limit: 64 * 1024 * 1024,
    },
    warnings: [],
  });
});

test("every key is read", () => {
  const { settings } = parseSynchronousServiceSettings(`${minimal}
compute_manager_id: mgr-0123456789abcdef0123456789abcdef
keep_shared: yes
keep_scratch: true
n_retries: 0
sleep_interval: 1.5
deep_sleep_interval: 2
heartbeat_interval: 3
scopes: [o-c-p, o-*-*]
scopes_exclude: [o-c-q]
protocols: [HarmonicSwitchingProtocol]
claim_limit: 4
max_tasks: 10
max_time: 300
loglevel: debug
logfile: service.log
client_cache_directory: /cache
client_cache_size_limit: 1
client_use_local_cache: true
client_max_retries: -1
client_retry_base_seconds: 1.5
client_retry_max_seconds: 5
client_verify: off
`);
  expect(settings).toMatchObject({
    compute_manager_id: "mgr-0123456789abcdef0123456789abcdef",
    keep_shared: true,
    keep_scratch: true,
    n_retries: 0,
    sleep_interval: 1.5,
    scopes: ["o-c-p", "o-*-*"],
    scopes_exclude: ["o-c-q"],
    protocols: ["HarmonicSwitchingProtocol"],
    claim_limit: 4,
    max_tasks: 10,
    max_time: 300,
    loglevel: "DEBUG",
    client_max_retries: -1,
    client_verify: false,
  });
});

test("the nested layout of older releases says the same", () => {
  const indented = minimal.replaceAll(/^(?=\w)/gm, "  ");
  const nested = parseSynchronousServiceSettings(
    `init:\n${indented}\n  max_tasks: 1\nstart:\n  max_tasks: 7\n  max_time: null\n`,
  );
  expect(nested).toEqual(parseSynchronousServiceSettings(`${minimal}max_tasks: 7`));
});

test("empty lists are no restriction", () => {
  const { settings } = parseSynchronousServiceSettings(`${minimal}scopes: []\nscopes_exclude: []\nprotocols: []\n`);
  expect(settings).toMatchObject({ scopes: null, scopes_exclude: null, protocols: null });
});

test("the command line wins, also over a wrong value", () => {
  const { settings } = parseSynchronousServiceSettings(minimal.replace("name: box", "name: a-b"), { name: "other.1:x" });
  expect(settings.name).toBe("other.1:x");
  expect(problems(minimal, { name: "a-b" })).toMatchObject([{ field: "--name" }]);
});

test("unknown keys are named in a warning", () => {
  const { warnings } = parseSynchronousServiceSettings(`${minimal}obj_store: x\n`);
  expect(warnings).toEqual(["unknown setting obj_store is ignored"]);
});

describe("a file that cannot be used", () => {
  test.each([
    ["name: box", "name: gpu-box", "name", /hyphen is not allowed, try "gpu_box"/],
    ["name: box", "name: 1box", "name", /begin with a letter/],
    ["name: box", "name:", "name", /is required/],
    ['key: "1234"', "key: 1234", "key", /YAML reads 1234 as a number: put it in quotes/],
    ["api_url: https://compute.example.org", "api_url: compute.example.org", "api_url", /such as https:/],
    ["name: box", "name: box\nclaim_limit: 0", "claim_limit", /integer of at least 1; it is 0/],
    ["name: box", "name: box\nn_retries: 1.5", "n_retries", /integer of at least 0/],
    ["name: box", "name: box\nclient_retry_base_seconds: 1", "client_retry_base_seconds", /above 1/],
    ["name: box", "name: box\nscopes: o-c-p", "scopes", /must be a list of scopes/],
    ["name: box", "name: box\nscopes: ['*-c-p']", "scopes", /below the wildcard/],
    ["name: box", "name: box\nprotocols: [a.B]", "protocols", /bare class names/],
    ["name: box", "name: box\nkeep_shared: maybe", "keep_shared", /true or false; it is "maybe"/],
    ["name: box", "name: box\nloglevel: LOUD", "loglevel", /one of DEBUG/],
    ["name: box", "name: box\ncompute_manager_id: nobody", "compute_manager_id", /nobody/],
    ["name: box", "name: box\ninit: {name: x}", "api_url", /beside `init:`/],
    ["name: box", "name: box\nstart: {max_tasks: 1}", "start", /top level/],
  ])("%s → %s", (from, to, field, message) => {
    const [problem] = problems(minimal.replace(from, to));
    expect(problem?.field).toBe(field);
    expect(problem?.message).toMatch(message);
  });

  test("has all its problems told at once", () => {
    expect(problems("name: a-b\n").map(({ field }) => field)).toEqual([
      "api_url",
      "identifier",
      "key",
      "name",
      "shared_basedir",
      "scratch_basedir",
    ]);
  });

  test.each(["- a\n- b", "", "a: [", "just text"])("%j is no mapping", (yaml) => {
    expect(problems(yaml)).toHaveLength(1);
  });
});
