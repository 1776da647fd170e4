import { afterEach, expect, test, vi } from "vitest";
import { startProgressOf } from "./progress.ts";

const isTty = process.stderr.isTTY;
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.stderr.isTTY = isTty;
});

test("a bar counts what there is to do in all, also where something small was asked for first", () => {
  vi.stubEnv("TERM", "xterm");
  process.stderr.isTTY = true;
  let written = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const { onProgress, stop } = startProgressOf("Archiving");
  for (const [done, total] of [
    [0, 1],
    [1, 1],
    [0, 24],
    [24, 24],
    [24, null],
  ] as const)
    onProgress({ done, total });
  stop();
  expect(written).toContain(" 24/24 ");
  expect(written).not.toContain(" 24/1 ");
});
