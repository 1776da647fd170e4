/** Comma-separated values (RFC 4180) with a line of titles; null is an empty cell. */
export function csv(titles: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [titles, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

function cell(value: string | number | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
