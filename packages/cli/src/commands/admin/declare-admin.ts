/** The part of the command line that administers a running server over its API. */
import { identityTypes } from "@alchemiscale/contract/statuses";
import { Argument, type Command, Option } from "commander";
import { several, wholeNumber, withExample } from "../user-command.ts";

export function declareAdmin(admin: Command): void {
  declareIdentities(admin.command("identity").description("who may use the server"));
  declareServices(admin.command("service").alias("services").description("the compute services that are registered"));
}

function declareIdentities(identity: Command): void {
  const type = () => new Argument("<type>", "what it is for").choices([...identityTypes]);
  const verb = (name: string, ...examples: readonly string[]) =>
    withExample(withAdmin(identity.command(name)), ...examples.map((each) => `admin identity ${name}${each}`));
  const named = (name: string, ...examples: readonly string[]) =>
    verb(name, ...examples)
      .addArgument(type())
      .argument("<name>", "name of the identity");
  const withKey = (command: Command) =>
    command
      .option("--new-key <key>", "the key it is to have; `-` reads it from standard input")
      .option("--generate-key", "give it a random key, and show that once");
  const load = () => import("./admin-identity.ts");

  verb("list", "", " -t compute --json")
    .description("Lists identities, what they see, and whether they can log in.")
    .addOption(new Option("-t, --type <type>", "of one type only").choices([...identityTypes]))
    .action(async (options) => (await load()).adminIdentityList(options));
  withKey(named("add", " user alice --generate-key -s lab-*-*"))
    .description("Adds an identity. One that exists is left as it is (exit code 1).")
    .addOption(
      new Option("-s, --scope <scope>", "scope org-campaign-project, wildcards as *; may be given several times").argParser(
        several,
      ),
    )
    .option("--expires <instant>", "its logins are refused from then on, e.g. 2030-12-31T00:00:00Z")
    .action(async (kind, name, options) => (await load()).adminIdentityAdd(kind, name, options));
  withKey(named("set-key", " user alice --new-key - < key"))
    .description("Gives an identity another key; its scopes stay.")
    .action(async (kind, name, options) => (await load()).adminIdentitySetKey(kind, name, options));
  named("add-scope", " user alice lab-*-*")
    .description("Gives an identity scopes.")
    .argument("<scopes...>", "org-campaign-project, wildcards as *")
    .action(async (kind, name, scopes, options) => (await load()).adminIdentityAddScope(kind, name, scopes, options));
  named("remove-scope", " user alice lab-*-*")
    .description("Takes scopes from an identity.")
    .argument("<scopes...>", "org-campaign-project, wildcards as *")
    .action(async (kind, name, scopes, options) => (await load()).adminIdentityRemoveScope(kind, name, scopes, options));
  named("disable", " user alice")
    .description("Refuses an identity's logins from now on.")
    .action(async (kind, name, options) => (await load()).adminIdentityDisable(kind, name, options));
  named("enable", " user alice")
    .description("Lets an identity log in again.")
    .action(async (kind, name, options) => (await load()).adminIdentityEnable(kind, name, options));
  named("expire", " user alice 2030-12-31T00:00:00Z", " user alice never")
    .description("Sets the instant from which an identity's logins are refused.")
    .argument("<when>", "an instant such as 2030-12-31T00:00:00Z, or `never`")
    .action(async (kind, name, when, options) => (await load()).adminIdentityExpire(kind, name, when, options));
  named("remove", " user alice")
    .description("Removes an identity.")
    .action(async (kind, name, options) => (await load()).adminIdentityRemove(kind, name, options));
  verb("changes", " --limit 20")
    .description("Shows what was done to identities, when and by whom; the newest first.")
    .option("--limit <number>", "how many at most", wholeNumber(1, 1000), 50)
    .action(async (options) => (await load()).adminIdentityChanges(options));
}

function declareServices(service: Command): void {
  const load = () => import("./admin-service.ts");
  withExample(withAdmin(service.command("list")), "admin service list")
    .description("Lists the compute services, their last heartbeats and how many Tasks they hold.")
    .action(async (options) => (await load()).adminServiceList(options));
  withExample(
    withAdmin(service.command("failures")),
    "admin service failures --limit 20",
    "admin service failures --name cluster --json",
  )
    .description(
      "Shows which services failed Tasks, and when, the newest first; also of those that are gone. Why: alchemiscale failures TASK.",
    )
    .option("--name <name>", "of this name alone: that of the service without its UUID, or of its manager")
    .option("--limit <number>", "how many at most", wholeNumber(1, 1000), 50)
    .action(async (options) => (await load()).adminServiceFailures(options));
  withExample(withAdmin(service.command("deregister")), "admin service deregister box-8a4b1a360e0e4a2c8ad04a8f4a0f5b11")
    .description("Ends the registration of a compute service; the Tasks that it held wait again.")
    .argument("<service>", "its id")
    .action(async (id, options) => (await load()).adminServiceDeregister(id, options));
}

function withAdmin(command: Command): Command {
  return command
    .option("--api-url <url>", "address of the user API (or ALCHEMISCALE_URL; default: http://127.0.0.1:8000)")
    .option("--identifier <name>", "your admin identity (or ALCHEMISCALE_ADMIN_ID)")
    .option("--key <key>", "its key (better in ALCHEMISCALE_ADMIN_KEY, where others on this machine cannot see it)")
    .option("--json", "print JSON, for programs");
}
