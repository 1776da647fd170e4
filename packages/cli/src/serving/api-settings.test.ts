import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../usage-error.ts";
import { apiSettings } from "./api-settings.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alchemiscale-settings-"));
  for (const name of ["ALCHEMISCALE_API_HOST", "ALCHEMISCALE_API_PORT"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const file = (text: string) => {
  const path = join(folder, "gunicorn.yaml");
  writeFileSync(path, text);
  return path;
};

describe("how an API alone is run", () => {
  test("by defaults, which variables change, which options change", () => {
    expect(apiSettings("ALCHEMISCALE_API", {})).toMatchObject({ workers: 1, binding: { host: "127.0.0.1", port: 80 } });
    vi.stubEnv("ALCHEMISCALE_API_HOST", "::1");
    vi.stubEnv("alchemiscale_api_port", "1840");
    expect(apiSettings("ALCHEMISCALE_API", {}).binding).toEqual({ host: "::1", port: 1840 });
    expect(apiSettings("ALCHEMISCALE_API", { port: 0 }).binding).toEqual({ host: "::1", port: 0 });
  });

  test("by gunicorn's settings: options go before inline JSON, and that before the file; unknown ones and nulls are passed over", () => {
    const configFile = file(
      "workers: 4\nbind: 0.0.0.0:1840\ntimeout: 60\nloglevel: debug\ngraceful_timeout: 90\nworker_class: null\n",
    );
    expect(apiSettings("ALCHEMISCALE_API", { configFile })).toEqual({
      workers: 4,
      binding: { host: "0.0.0.0", port: 1840 },
      loglevel: "debug",
      graceSeconds: 90,
      timeoutSeconds: 60,
    });
    const configJson = '{"workers": 2, "bind": "[::1]:7", "loglevel": null, "anything": {}}';
    expect(apiSettings("ALCHEMISCALE_API", { configFile, configJson, port: 8 })).toMatchObject({
      workers: 2,
      binding: { host: "::1", port: 8 },
      // Null in the JSON is as good as absent.
      loglevel: "debug",
    });
    expect(apiSettings("ALCHEMISCALE_API", { configFile, workers: 1 }).workers).toBe(1);
    expect(apiSettings("ALCHEMISCALE_API", { configFile: file("") }).workers).toBe(1);
  });

  test.each([
    ["bind: nowhere", /bind of the configuration is "nowhere"/],
    ["bind: a:70000", /bind/],
    ["workers: 0", /workers of the configuration is 0/],
    ["workers: many", /workers/],
    ["timeout: -1", /timeout of the configuration is -1/],
    ["loglevel: [a]", /loglevel/],
    ["- a", /must be a mapping/],
    ["a: [", /cannot be read/],
  ])("what cannot be is refused: %s", (text, message) => {
    const configFile = file(text);
    expect(() => apiSettings("ALCHEMISCALE_API", { configFile })).toThrow(UsageError);
    expect(() => apiSettings("ALCHEMISCALE_API", { configFile })).toThrow(message);
  });

  test("a file that is absent and JSON that is none are refused", () => {
    expect(() => apiSettings("ALCHEMISCALE_API", { configFile: join(folder, "absent") })).toThrow(/cannot be read/);
    expect(() => apiSettings("ALCHEMISCALE_API", { configJson: "workers: 2" })).toThrow(/is no JSON/);
  });
});
