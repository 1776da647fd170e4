/** The one condition under which silence counts. */
import { type Fragment, type Parameter, sql } from "../statement.ts";

/**
 * True where whoever was silent since `before` could have been heard all that time: an API process that services can reach is there now, and
 * there was one ever since. A store that no API process has used knows nothing of it and counts all silence.
 */
export function wholePeriod(before: Parameter, now: Parameter): Fragment {
  return sql`exists (
    select 1 from liveness l where l.id = 1 and (l.since is null or (l.since <= ${before} and l.until >= ${now})))`;
}
