import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const insert = statement<{ names: string }>(
  (p, d) => sql`
    insert into class (name) select value from ${d.list(p.names, "text")} as n
    where not exists (select 1 from class where name = n.value) order by ord
    on conflict (name) do nothing`,
);
const select = statement<{ names: string }, { id: number; name: string }>(
  (p, d) => sql`select c.id as id, c.name as name from ${d.list(p.names, "text")} as n cross join class c where c.name = n.value`,
);

/** The ids of class names, given on first use: a function from a name to its id. */
export async function internClasses(tx: Transaction, names: Iterable<string>): Promise<(name: string) => number> {
  const parameters = { names: JSON.stringify([...new Set(names)].sort()) };
  await tx.run(insert, parameters);
  const ids = new Map((await tx.all(select, parameters)).map((row) => [row.name, row.id]));
  return (name) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`the class ${name} was not interned`);
    return id;
  };
}
