import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addToJournal, beginJournal, type JournalAttempt, readJournal, UnreadableJournal } from "./attempt-journal.ts";

const ids = { setup: "a", forward: "b", reverse: "c", analysis: "d" };
const attempt = (text: string): JournalAttempt => ({
  unit: "setup",
  element: { key: "ProtocolUnitResult-1", text },
  about: { unit: "HarmonicSetupUnit-a", name: "setup", attempt: 0, ok: true },
});

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "alchemiscale-journal-"));
  file = join(directory, "journal");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("attempts come back with the same characters", () => {
  beginJournal(file, ids);
  const attempts = [attempt('{"work": [1.0, 2.50]}'), attempt("line\nand \u2028 \ud83d\ude00")];
  for (const each of attempts) addToJournal(file, each);
  expect(readJournal(file)).toEqual({ ids, attempts });
});

test("an attempt that was cut off is none, and spoils none that comes after", () => {
  beginJournal(file, ids);
  appendFileSync(file, `\n${JSON.stringify(attempt("cut")).slice(0, 40)}`);
  addToJournal(file, attempt("whole"));
  expect(readJournal(file).attempts).toEqual([attempt("whole")]);
});

test("without ids there is nothing to go on with", () => {
  writeFileSync(file, '{"ids": {"set');
  expect(() => readJournal(file)).toThrow(UnreadableJournal);
});
