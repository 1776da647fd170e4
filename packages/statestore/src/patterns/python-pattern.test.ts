import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { compilePythonPattern } from "./python-pattern.ts";

const traceback = `Traceback (most recent call last):
  File "/opt/x.py", line 12, in <module>
    step()
openmm.OpenMMException: Particle coordinate is NaN.  For more information, see https://github.com/openmm
ValueError: é² ٣ [x] {1,2} a-b
`;

/** Pattern and whether \`re.search\` finds it in the text above. */
const cases: readonly (readonly [pattern: string, found: boolean])[] = [
  ["Particle.*NaN", true],
  ["particle.*nan", false],
  ["(?i)particle.*nan", true],
  ["openmm$", false],
  ["a-b$", true],
  ["a-b\\Z", false],
  ["a-b\\n\\Z", true],
  ["^Traceback", true],
  ["^ValueError", false],
  ["(?m)^ValueError", true],
  ["(?m)openmm$", true],
  ["\\AValueError", false],
  ["\\ATraceback", true],
  ["Traceback.*ValueError", false],
  ["(?s)Traceback.*ValueError", true],
  ["(?P<name>OpenMM)Exception", true],
  ["(?P<c>[a-z])penmm\\.OpenMM", true],
  ["(?P<c>m)(?P=c)", true],
  ["(o)pen\\1", false],
  ["(m)\\1", true],
  ["OpenMM(?=Exception)", true],
  ["OpenMM(?!Exception)", false],
  ["(?<=is )NaN", true],
  ["(?<!is )NaN", false],
  ["line \\d+", true],
  ["[\\d]{2}", true],
  ["x{,2}py", true],
  ["l{2,}", true],
  ["l{3}", false],
  ["\\bNaN\\b", true],
  ["\\w² ", true],
  ["\\d \\[x\\]", true],
  ["[]x]\\]", true],
  ["[^]]\\]", true],
  ["\\[[[x]", true],
  ["\\{1,2\\}", true],
  ["{a}|NaN{", false],
  ["a{|NaN", true],
  ["\\u00e9", true],
  ["\\xe9", true],
  ["\\.OpenMMException: ", true],
  ["a\\-b", true],
  ["https://github\\.com/openmm", true],
  ["NaN|never", true],
  ["(?:never|once)", false],
  ["(?#a comment)NaN", true],
  ["\\s{3}", true],
  ["\\S+Error", true],
  ["[\\s]{3}", true],
  ["in <module>", true],
  ["~", false],
  ["a-b$[\\s\\S]", true],
  ["(a-b$|never$)", true],
  ["(?=T)Tra.eback.*OpenMM", false],
  ["(?m)(?=o)openmm.OpenMMException$", false],
  ["&", false],
  ['"/opt', true],
];
const wrong = [
  "",
  "{1,2}",
  "(",
  "[a",
  "*",
  "a**",
  "(?P<n>",
  "\\",
  "\\q",
  "a{2,1}",
  "(?P=nothing)",
  "\\2",
  "(?P<1>a)",
  "[z-a]",
  "^*",
  "\\b+",
  "a$??",
  "\\1(a)",
  "(?P=n)(?P<n>a)",
  "(a\\1)",
];
const unsupported = ["(?x) a b", "(?>a)", "a++", "(a)?(?(1)b|c)"];

describe("a restart pattern", () => {
  it.each(cases)("%j is found: %j", (pattern, found) => {
    expect(compilePythonPattern(pattern)(traceback)).toBe(found);
  });

  it.each([...wrong, ...unsupported])("%j is refused", (pattern) => {
    expect(() => compilePythonPattern(pattern)).toThrow(expect.objectContaining({ name: "InvalidPattern" }));
  });

  it("is searched for in linear time", () => {
    expect(compilePythonPattern("(a*)*b")("a".repeat(100_000))).toBe(false);
    expect(compilePythonPattern("(a|aa)+$")(`${"a".repeat(50_000)}c`)).toBe(false);
  });

  it("with lookaround ends after a while, as not found, and the next one is found", () => {
    const started = performance.now();
    expect(compilePythonPattern("(?=a)(a+)+$")(`${"a".repeat(60)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(compilePythonPattern("(?=a)(a+)+$")("aaa")).toBe(true);
  });

  const python = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status === 0;
  it.skipIf(!python)("of these is found by Python just as well", () => {
    const program = `
import json, re, sys
text, cases, wrong = json.load(sys.stdin)
found = [bool(re.search(p, text)) for p in cases]
def bad(p):
    try: re.compile(p); return p == ""
    except re.error: return True
print(json.dumps([found, [bad(p) for p in wrong]]))`;
    const input = JSON.stringify([traceback, cases.map(([pattern]) => pattern), wrong]);
    const { stdout } = spawnSync("python3", ["-W", "ignore", "-c", program], { input, encoding: "utf8" });
    expect(JSON.parse(stdout)).toEqual([cases.map(([, found]) => found), wrong.map(() => true)]);
  });
});
