/** The part of the command line that keeps who the user is. */
import type { Command } from "commander";
import { json, withExample } from "./user-command.ts";

export function declareLogin(program: Command): void {
  const load = () => import("./login.ts");
  withExample(
    program.command("login"),
    "login --api-url https://api.example.org",
    "login --profile work --api-url https://api.example.org --identifier ada < key.txt",
  )
    .summary("keep a server, an identity and its key as a profile")
    .description(
      "Asks for the address of a server, an identity and its key, tries them, and keeps them in a file that only you can read. On no terminal the key is read from standard input.",
    )
    .option("--profile <name>", "name of the profile", "default")
    .option("--api-url <url>", "address of the user API")
    .option("--identifier <name>", "your identity")
    .action(async (options) => (await load()).login(options));
  withExample(program.command("logout"), "logout --profile work")
    .summary("remove a profile")
    .description("Removes a profile, with its key.")
    .option("--profile <name>", "name of the profile", "default")
    .action(async (options) => (await load()).logout(options));
  const profile = program.command("profile").description("profiles that login has kept");
  withExample(profile.command("list"), "profile list")
    .description("Lists the profiles, without their keys.")
    .addOption(json())
    .action(async (options) => (await load()).profileList(options));
}
