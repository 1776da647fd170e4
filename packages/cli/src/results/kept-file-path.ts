/**
 * Where a file that is kept beside a result goes, relative to the result's directory. Names come from compute services: no segment leads
 * out of it, and no two names to the same place.
 */
export function keptFilePath(name: string): string {
  return name.split("/").map(segment).join("/");
}

function segment(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
  const safe = text.replace(/[%\\\u0000-\u001f\u007f]/g, encoded);
  if (safe === "") return "%";
  return safe === "." || safe === ".." ? safe.replaceAll(".", encoded) : safe;
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
