import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidObjectPath, type ResultLocation, resultPath, resultPathsToTry } from "./index.ts";

const at: ResultLocation = {
  org: "org",
  campaign: "camp",
  project: "proj",
  transformationKey: "Transformation-6e9b36b151d29c7582ed0a9eeb60e1dd",
  ok: true,
  resultKey: "ProtocolDAGResult-26b4034ad9dbd9f908dfc298ea8d449f",
};
const computed =
  "protocoldagresult/org/camp/proj/Transformation-6e9b36b151d29c7582ed0a9eeb60e1dd/results/ProtocolDAGResult-26b4034ad9dbd9f908dfc298ea8d449f/obj.json.zst";

test("a result lies where the Python server puts it, failures in a folder of their own", () => {
  expect(resultPath(at)).toBe(computed);
  expect(resultPath({ ...at, ok: false })).toBe(computed.replace("/results/", "/failures/"));
});

test("the stored location is tried first, then the computed path", () => {
  expect(resultPathsToTry(at, null)).toEqual([computed]);
  expect(resultPathsToTry(at, computed)).toEqual([computed]);
  const legacy = computed.replace("obj.json.zst", "obj.json");
  expect(resultPathsToTry(at, legacy)).toEqual([legacy, computed]);
});

test("a stored location that is no object path is passed over", () => {
  expect(resultPathsToTry(at, "../../etc/passwd")).toEqual([computed]);
});

test("no text in any part leads out of its folder", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom("..", ".", "", "a/b", "a\\b", "a\0", "ä", "*", "a\n", "x".repeat(300), "Transformation-..", "-", "a-b-c"),
  );
  const field = fc.constantFrom("org", "campaign", "project", "transformationKey", "resultKey");
  fc.assert(
    fc.property(field, hostile, (name, value) => {
      try {
        const segments = resultPath({ ...at, [name]: value }).split("/");
        expect(segments).toHaveLength(8);
        expect(segments.every((segment) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(segment))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidObjectPath);
      }
    }),
  );
});
