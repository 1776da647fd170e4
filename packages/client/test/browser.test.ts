/** The main door in a real browser: what a page does with it. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveApi, networkChain } from "./live-api.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

let api: LiveApi;
let browser: Browser;
beforeAll(async () => {
  if (executablePath === undefined) return;
  api = await LiveApi.start();
  browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
});
afterAll(async () => {
  await browser?.close();
  await api?.[Symbol.asyncDispose]();
});

test.skipIf(executablePath === undefined)(
  "a page submits, creates Tasks, follows them, and takes results, with progress, a cache and cuts",
  { timeout: 60_000 },
  async () => {
    const stored = await api.storeResults(6, 30_000, 3);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    // From the origin of the API: the servers let no other pages in.
    await page.route("**/under-test", (route) => route.fulfill({ contentType: "text/html", body: "<title>test</title>" }));
    const script = await bundle();
    await page.route("**/under-test.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
    await page.goto(`${api.url}/under-test`);
    await page.addScriptTag({ url: "/under-test.js", type: "module" });
    await page.waitForFunction("'tryClient' in globalThis");
    const found = await page.evaluate(
      ([url, identifier, key, chain, network]) => {
        const { tryClient } = globalThis as unknown as { tryClient: (...args: unknown[]) => Promise<Record<string, unknown>> };
        return tryClient(url, identifier, key, chain, network);
      },
      [api.url, api.identifier, api.key, networkChain, api.network],
    );
    expect(complaints).toEqual([]);
    expect(found).toEqual({
      pinged: "AlchemiscaleAPI",
      network: api.network.replace("org-campaign-project", "org-campaign-browser"),
      transformations: 15,
      sameChain: true,
      actioned: 2,
      event: "action",
      lengths: stored.filter(({ ok }) => ok).map(({ bytes }) => bytes.length),
      sums: stored.filter(({ ok }) => ok).map(({ bytes }) => bytes.reduce((sum, byte) => sum + byte, 0)),
      progress: ["started", "finished"],
      refused: "LoginRefused",
      aborted: "AbortError",
    });
  },
);

/** The page's program with all that it imports; a module of Node among them would fail here. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("./browser-page.ts", import.meta.url));
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "page" } },
  });
  const [made] = Array.isArray(output) ? output : [output];
  if (made === undefined || !("output" in made)) throw new Error("vite made no bundle");
  const code = made.output[0].code;
  expect(code).not.toMatch(/from ["'](?:node:|@alchemiscale)/);
  return code;
}
