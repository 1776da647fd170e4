import { expect, test } from "vitest";
import { estimateOfGathered } from "../index.ts";

test("what Python gathered is told as it is, with what is wrong with it", () => {
  const gathered = { estimate: -1.5, uncertainty: 0.2, resultKeys: ["b", "a"], problems: ["get_uncertainty gave 0.2"] };
  expect(estimateOfGathered("LabProtocol", gathered)).toMatchObject({
    protocol: "LabProtocol",
    method: "python",
    uncertaintyKind: "python",
    estimate: -1.5,
    uncertainty: 0.2,
    n: 2,
    resultKeys: ["a", "b"],
    flags: [{ code: "python-problem", message: "get_uncertainty gave 0.2" }],
  });
});

test("without an estimate there is a reason", () => {
  const nothing = { estimate: null, uncertainty: 0.2, resultKeys: ["a"], problems: [] };
  expect(estimateOfGathered("LabProtocol", nothing)).toMatchObject({
    estimate: null,
    uncertainty: null,
    flags: [{ code: "missing-estimate" }],
  });
  expect(estimateOfGathered("LabProtocol", { error: "nobody was asked" })).toMatchObject({
    method: "none",
    n: 0,
    flags: [{ code: "unknown-protocol", message: "there is no reader for results of LabProtocol; nobody was asked" }],
  });
});
