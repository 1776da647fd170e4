/** The OpenAPI documents and the page that shows them. */
import { existsSync } from "node:fs";
import { computeRoutes, type Route, userRoutes } from "@alchemiscale/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
let live: LiveServer;
beforeAll(async () => {
  live = await LiveServer.start();
});
afterAll(() => live.stop());

describe.each(["user", "compute"] as const)("the %s API", (api) => {
  const routes: Readonly<Record<string, Route>> = api === "user" ? userRoutes : computeRoutes;

  test("describes every route in a document that is valid OpenAPI 3.1", async () => {
    const reply = await fetch(`${live[api]}/v1/openapi.json`);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "application/json"]);
    const document = (await reply.json()) as { openapi: string; paths: Record<string, Record<string, { operationId: string }>> };
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
    const described = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(described.sort()).toEqual(Object.keys(routes).sort());
    const parameters = JSON.stringify(document).match(/"in":"path"/g)?.length;
    expect(parameters).toBe(Object.values(routes).reduce((sum, route) => sum + Object.keys(route.params.properties).length, 0));
    expect(JSON.stringify(document)).not.toContain("x-wire");
  });

  test("has a page whose parts all come from the same server", async () => {
    const page = await fetch(`${live[api]}/v1/docs`);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).not.toMatch(/https?:/);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect([part, (await fetch(`${live[api]}${part}`)).status]).toEqual([part, 200]);
    for (const other of ["..%2f..%2fpackage.json", "index.html", "constructor", "swagger-ui.js"]) {
      expect((await fetch(`${live[api]}/v1/docs/${other}`)).status).toBe(404);
    }
  });
});

test.skipIf(browser === undefined)(
  "the page shows the routes in a browser, and asks nobody else for anything",
  { timeout: 60_000 },
  async () => {
    const chrome = await chromium.launch({
      executablePath: browser ?? "",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    try {
      const page = await chrome.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`${live.user}/v1/docs`);
      await page.locator("#operations-v1-networkResults").waitFor();
      expect(await page.locator(".opblock").count()).toBe(Object.keys(userRoutes).length);
      await page.locator("#operations-v1-networkResults .opblock-summary").click();
      await page.getByText("One JSON line for each result").waitFor();
      expect(asked.filter((url) => !url.startsWith(live.user) && !url.startsWith("data:"))).toEqual([]);
      expect(complaints).toEqual([]);
      if (process.env.SCREENSHOT !== undefined) await page.screenshot({ path: process.env.SCREENSHOT });
    } finally {
      await chrome.close();
    }
  },
);
