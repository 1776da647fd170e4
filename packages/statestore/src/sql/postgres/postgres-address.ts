/** `PostgreSQL HOST:PORT/DATABASE`: nothing of the credentials. */
export function describePostgres(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname === "" ? (searchParams.get("host") ?? "localhost") : decodeURIComponent(hostname);
    return `PostgreSQL ${host}${port === "" ? "" : `:${port}`}${decodeURIComponent(pathname)}`;
  } catch {
    return "PostgreSQL";
  }
}

/** Why a connection failed, for people. */
export function reasonOf(error: unknown): string {
  // Several addresses tried: the message of the whole is empty.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
