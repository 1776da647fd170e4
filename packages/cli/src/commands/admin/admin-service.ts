/** `admin service …`: the compute services that are registered at a running server, over its API. */
import { InvalidComputeId, parseComputeServiceId } from "@alchemiscale/contract";
import { note, print, printJson } from "../../terminal/print.ts";
import { printable } from "../../terminal/printable.ts";
import { table } from "../../terminal/table.ts";
import { UsageError } from "../../usage-error.ts";
import { type AdminOptions, adminClient } from "./admin-client.ts";

export async function adminServiceList(options: AdminOptions): Promise<void> {
  const services = await adminClient(options).listServices();
  if (options.json) return printJson(services);
  const columns = [
    { title: "service", shrinkTo: 20 },
    { title: "identity", shrinkTo: 8 },
    { title: "manager", shrinkTo: 8 },
    { title: "host", shrinkTo: 8 },
    { title: "versions", shrinkTo: 20 },
    { title: "last heartbeat" },
    { title: "Tasks", align: "right" as const },
  ];
  print(
    table(
      columns,
      services.map(({ service, identity, manager, host, versions, heartbeat, claims }) => [
        service,
        printable(identity ?? ""),
        manager ?? "",
        printable(host ?? ""),
        printable(versionsText(versions ?? {})),
        heartbeat,
        String(claims),
      ]),
    ),
  );
}

export async function adminServiceFailures(
  options: AdminOptions & { readonly limit: number; readonly name?: string },
): Promise<void> {
  const failures = await adminClient(options).failures(options.limit, options.name);
  if (options.json) return printJson(failures);
  const columns = [
    { title: "when" },
    { title: "service", shrinkTo: 16 },
    { title: "identity", shrinkTo: 8 },
    { title: "host", shrinkTo: 8 },
    { title: "Task", shrinkTo: 16 },
  ];
  const rows = failures.map(({ at, service, identity, host, task }) => [
    at,
    printable(service),
    printable(identity ?? ""),
    printable(host ?? ""),
    task,
  ]);
  print(table(columns, rows));
}

export async function adminServiceDeregister(text: string, options: AdminOptions): Promise<void> {
  const service = serviceArgument(text);
  await adminClient(options).endService(service);
  if (options.json) return printJson({ service });
  note(`Ended the registration of ${service}; the Tasks that it held wait again.`);
}

function serviceArgument(text: string) {
  try {
    return parseComputeServiceId(text);
  } catch (error) {
    if (error instanceof InvalidComputeId) throw new UsageError(error.message);
    throw error;
  }
}

function versionsText(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
