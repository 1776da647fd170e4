import { describe, expect, test } from "vitest";
import { pythonList } from "./python-list.ts";
import { table } from "./table.ts";

describe("tables", () => {
  const columns = [
    { title: "transformation", shrinkTo: 8 },
    { title: "n", align: "right" },
    { title: "ΔF", align: "right" },
  ] as const;
  const rows = [
    ["benzene to toluene in a long name", "3", "-1.20"],
    ["b", "10", "\u001b[31m0.10\u001b[39m"],
  ];

  test("are as wide as their content where there is room", () => {
    const lines = table(columns, rows, 100).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe("benzene to toluene in a long name   3  -1.20");
  });

  test("fit the terminal: what may be cut is cut", () => {
    for (const line of table(columns, rows, 30).split("\n")) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: styles are written with the escape character.
      expect(line.replace(/\u001b\[[0-9;]*m/g, "").length).toBeLessThanOrEqual(30);
    }
    expect(table(columns, rows, 30)).toContain("…");
  });

  test("are cut nowhere in a file", () => {
    expect(table(columns, rows, Infinity)).not.toContain("…");
  });
});

test("lists of texts are written as Python writes them", () => {
  expect(pythonList([])).toBe("[]");
  expect(pythonList(["o-c-p", "it's", `"both' `, "back\\slash"])).toBe(`['o-c-p', "it's", '"both\\' ', 'back\\\\slash']`);
});
