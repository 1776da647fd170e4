import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

/**
 * A fresh Efraimidis–Spirakis key: the clock of the level plus an exponential variate of rate `weight`. Taking the smallest key draws a
 * Task with probability proportional to its weight; taking the smallest again draws without replacement. Since an exponential has no
 * memory, one that comes later is treated fairly when it starts from the last key drawn, the clock.
 *
 * A level is (hub, class of Protocol, priority). Weights below 1e-12 draw as 1e-12: keys are doubles, and a clock that had reached 1e300
 * could tell no others apart.
 */
export function drawKey(
  d: Dialect,
  of: { readonly network: Fragment; readonly class: Fragment; readonly priority: Fragment; readonly weight: Fragment },
): Fragment {
  return sql`(coalesce((select c.clock from draw_clock c
      where c.network = ${of.network} and c.class = ${of.class} and c.priority = ${of.priority}), 0.0)
    + ${d.exponential} / case when ${of.weight} < 1e-12 then 1e-12 else ${of.weight} end)`;
}
