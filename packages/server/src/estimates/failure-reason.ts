/** Why something failed, in a line: that of the exception, which a traceback ends with. */
const longest = 200;

export function lastLine(traceback: string): string {
  const lines = traceback.trimEnd().split("\n");
  // Lines of an exception's message may follow that of its class, which begins at the margin.
  const line = lines.findLast((text) => /^\S+(Error|Exception|Interrupt|Exit|Warning)\b/.test(text)) ?? lines.at(-1) ?? "";
  return line.trim().slice(0, longest);
}
