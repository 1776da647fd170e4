import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { compilePythonPattern, SearchGivenUp } from "./python-pattern.ts";

const never = () => false;
const found = (pattern: string, text: string) => compilePythonPattern(pattern).search(text, never);

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
/** What no engine of linear time has. */
const rich: readonly (readonly [pattern: string, text: string, found: boolean])[] = [
  ["(?x) N a N  # the number", "NaN", true],
  ["(?x:N a)\\ ", "Na ", true],
  ["(?>a+)ab", "aaab", false],
  ["a++b", "aaab", true],
  ["a++ab", "aaab", false],
  ["(?:a|ab){2}+", "aba", false],
  ["^(\\()?a(?(1)\\)|$)", "(a)", true],
  ["^(\\()?a(?(1)\\)|$)", "(a", false],
  ["^(?P<q>')?a(?(q)')$", "'a'", true],
  ["(?=a)*b", "b", true],
  ["(?:(?=a)a)+$", "aaa", true],
  ["(?i:k)\\u212a", "\u212a\u212a", true],
  ["(?i)STRASSE", "stra\u017f\u017fe", true],
  ["(?i)ss", "\u00df", false],
  ["(?i)(\u03c3)\\1", "\u03a3\u03c3", true],
  ["(?a)\\bx", "\u00e9x", true],
  ["\\bx", "\u00e9x", false],
  ["(?a:\\w)\\w", "\u00e9\u00e9", false],
  ["(?-s:.)", "\n", false],
  ["(?s-i:.)", "\n", true],
  ["\\N{EM DASH}\\N{em dash}", "\u2014\u2014", true],
  ["\\N{HANGUL SYLLABLE HAN}\\N{CJK UNIFIED IDEOGRAPH-4E00}", "\ud55c\u4e00", true],
  ["\\101\\0\\x42", "A\0B", true],
  ["x{,2}y{,}z{2,}", "zz", true],
  ["a(?#why (not) b", "a b", true],
  ["(?P<n>.)(?P=n)", "xyyz", true],
  ["(a)|b\\1", "b", false],
  ["(?<=(a))b(?(1)c)", "abc", true],
  ["(?<!\\w)x", "\u00e9x", false],
  ["\\B", "", false],
  ["(?:a{1000}){1000}|b", "b", true],
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
  "a(?i)b",
  "(?L)a",
  "(?a-u:b)",
  "(?au:b)",
  "(?<=a+)b",
  "(?<=(a)\\1)b",
  "(?(2)a|b)",
  "(?(1)a|b|c)",
  "(a)(?(1)b",
  "\\N{NO SUCH NAME}",
  "\\N{CJK UNIFIED IDEOGRAPH-0041}",
  "[\\400]",
  "\\400",
  "(?P<a>x)(?P<a>y)",
  "a{4294967295}",
  "a***",
  "a{2}{3}",
  "(?",
  "(?P",
  "(?#",
  "(".repeat(600) + ")".repeat(600),
];

describe("a restart pattern", () => {
  it.each(cases)("%j is found: %j", (pattern, expected) => {
    expect(found(pattern, traceback)).toBe(expected);
  });

  it.each(rich)("%j in %j: %j", (pattern, text, expected) => {
    expect(found(pattern, text)).toBe(expected);
  });

  it.each(wrong)("%j is refused", (pattern) => {
    expect(() => compilePythonPattern(pattern)).toThrow(expect.objectContaining({ name: "InvalidPattern" }));
  });

  it("is searched for in linear time where RE2 can express it", () => {
    expect(found("(a*)*b", "a".repeat(100_000))).toBe(false);
    expect(found("(a|aa)+$", `${"a".repeat(50_000)}c`)).toBe(false);
    expect(found("\\b(a|aa)+\\b$", `${"a".repeat(50_000)}!`)).toBe(false);
  });

  it("is given up, where it takes exponential time, when the time is over", () => {
    let looks = 0;
    expect(() => compilePythonPattern("(?=a)(a+)+$").search(`${"a".repeat(60)}b`, () => ++looks > 5)).toThrow(SearchGivenUp);
    expect(found("(?=a)(a+)+$", "aaa")).toBe(true);
  });

  it("takes texts of a megabyte without ending the stack", () => {
    const text = `${"ab\n".repeat(350_000)}NaN`;
    expect(found("(?:a|b|\\n)*(?=NaN)", text)).toBe(true);
    expect(found("(?<=\\n)NaN(?!x)", text)).toBe(true);
    expect(found("(?<=\\n)NaNx(?!x)", text)).toBe(false);
  });

  const python = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status === 0;
  it.skipIf(!python)("of these is found by Python just as well", () => {
    const program = `
import json, re, sys
text, cases, rich, wrong = json.load(sys.stdin)
def bad(p):
    try: re.compile(p); return p == ""
    except (re.error, OverflowError, RecursionError): return True
print(json.dumps([[bool(re.search(p, text)) for p in cases], [bool(re.search(p, t)) for p, t, _ in rich], [bad(p) for p in wrong]]))`;
    const input = JSON.stringify([traceback, cases.map(([pattern]) => pattern), rich, wrong]);
    const { stdout } = spawnSync("python3", ["-W", "ignore", "-c", program], { input, encoding: "utf8" });
    expect(JSON.parse(stdout)).toEqual([cases.map(([, is]) => is), rich.map(([, , is]) => is), wrong.map(() => true)]);
  });
});
