/** Signals when the token of a request expires: a stream lasts no longer than the token that it was asked with, which was found valid. */
export function tokenExpiry(authorization: string | undefined): AbortSignal[] {
  const payload = authorization?.split(" ")[1]?.split(".")[1];
  if (payload === undefined) return [];
  const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly exp?: number };
  return exp === undefined ? [] : [AbortSignal.timeout(Math.min(2 ** 31 - 1, Math.max(0, exp * 1000 - Date.now())))];
}
