/** The whole command line on one page. What a command does is loaded when it is called, so that each starts quickly. */
import { Command, InvalidArgumentError, Option } from "commander";
import { declareAdmin } from "./commands/admin/declare-admin.ts";
import { declareAnalysis } from "./commands/declare-analysis.ts";
import { declareCompletion } from "./commands/declare-completion.ts";
import { declareLogin } from "./commands/declare-login.ts";
import { declareNetwork, declareSystem, declareTransformation } from "./commands/declare-network.ts";
import { declareNetworkStrategy } from "./commands/declare-network-strategy.ts";
import { declareResults } from "./commands/declare-results.ts";
import { declareStrategyFiles } from "./commands/declare-strategy.ts";
import { declareTask } from "./commands/declare-task.ts";
import { json, several, wholeNumber, withExample } from "./commands/user-command.ts";
import { version } from "./version.ts";

export function createProgram(): Command {
  const program = new Command("alchemiscale")
    .description("Alchemical free energy calculations at high throughput.")
    .version(version(), "--version", "print the version")
    .helpCommand(false)
    .showHelpAfterError("(add --help for what is possible)")
    .configureHelp({ showGlobalOptions: false })
    // `results` has options and commands: what comes after the name of a command is the command's.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nEvery command has --help.\n\nExit codes: 0 done; 1 it failed, or what was checked is not right; 2 it was called wrongly;\n3 a compute service whose host fails every Task; 130 ended by Ctrl-C (watch, quickstart).",
    )
    .exitOverride();

  declareQuickstart(program);
  declareServing(program);
  declareAdmin(program.command("admin").description("identities and compute services of a running server, for administrators"));
  declareIdentities(program.command("identity").description("who may use the server"));
  declareDatabase(program.command("database").description("the state store"));
  declareCompute(program.command("compute").description("compute services"));
  declareNetwork(program.command("network").description("networks of transformations"));
  declareTransformation(program.command("transformation").description("transformations of networks"));
  declareSystem(program.command("system").description("chemical systems of networks"));
  declareTask(program.command("task").description("Tasks: computations of one transformation"));
  declareResults(program);
  declareAnalysis(
    program.command("analysis").description("free energies and their statistics from files alone, without a server"),
  );
  const strategy = program.command("strategy").description("what is worth computing next");
  declareNetworkStrategy(strategy);
  declareStrategyFiles(strategy);
  declareLogin(program);
  declareCompletion(program);
  program
    .command("warm-up", { hidden: true })
    .description("Compiles the sources once; run after an installation.")
    .action(async () => (await import("./commands/warm-up.ts")).warmUp());
  inheritSettings(program);
  return program;
}

function declareQuickstart(program: Command): void {
  withExample(program.command("quickstart"), "quickstart", "quickstart --keep", "quickstart --python ~/envs/openfe/bin/python")
    .summary("the whole way once: server, network, Tasks, compute services, free energies")
    .description(
      "Starts a server on a fresh directory, submits an example network of harmonic wells, computes it with two compute services, and compares the free energies with the exact values. Exit code 1 when they do not agree.",
    )
    .option("--keep", "leave the server running afterwards")
    .addOption(new Option("--seed <number>", "repeat the run with this seed").argParser(seed))
    .option("--python <path>", "real chemistry instead, with a Python interpreter that has openfe")
    .action(async (options) => (await import("./commands/quickstart.ts")).quickstart(options));
}

function declareServing(program: Command): void {
  const serve = withExample(
    program.command("serve"),
    "serve --data /srv/alchemiscale",
    "serve --data /srv/alchemiscale --host 0.0.0.0 --api-port 8000 --compute-api-port 8001",
  )
    .summary("run the server: both APIs and the stores, in one process")
    .description(
      "Runs the user API, the compute API and the stores in one process.\n\nEverything is kept in the data directory, unless ALCHEMISCALE_STATE_STORE_URL (sqlite:FILE, postgres://…) and ALCHEMISCALE_OBJECT_STORE_URL (file:DIR, s3://bucket/prefix?endpoint=…&region=…) name other stores.",
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--api-port <port>", "port of the user API (0: any free one)", port, 8000)
    .option("--compute-api-port <port>", "port of the compute API (0: any free one)", port, 8001);
  serve
    .option("--no-strategist", "execute no strategies here, as other processes do (or ALCHEMISCALE_STRATEGIST=false)")
    .option(
      "--strategist-interval <seconds>",
      "least time between two decisions for a network (or ALCHEMISCALE_STRATEGIST_INTERVAL; default: 300)",
      seconds,
    );
  withServing(withMetrics(withLog(serve))).action(async (options) => (await import("./commands/serve.ts")).serve(options));

  const strategist = withExample(
    program.command("strategist"),
    "strategist --config-file strategist.yaml",
    "strategist --config-file strategist.yaml --url postgres://alchemiscale@db/alchemiscale",
  );
  withAnalysisPython(withObjects(withStores(strategist)))
    .summary("execute the strategies of networks, beside servers that do not")
    .description(
      "Executes the strategies of networks over the state store of a server, until stopped (Ctrl-C). Any number of them may run at the same time. `serve` executes strategies by itself.",
    )
    .requiredOption("-c, --config-file <file>", "configuration (YAML)")
    .action(async (options) => (await import("./commands/strategist.ts")).strategist(options));

  const api = withExample(
    program.command("api"),
    "api --host 0.0.0.0 --port 8000 --url postgres://alchemiscale@db/alchemiscale --workers 4",
  )
    .summary("run the user API alone")
    .description("Runs the user API alone, over the same stores as `compute api`.");
  withServing(withMetrics(withBinding(api, "ALCHEMISCALE_API"))).action(async (options) =>
    (await import("./commands/api.ts")).api(options),
  );
}

function declareIdentities(identity: Command): void {
  const type = () =>
    new Option("-t, --identity-type <type>", "who it is for: people, compute services, or administrators of the server")
      .choices(["user", "compute", "admin"])
      .default("user");
  const name = () => new Option("-i, --identifier <name>", "name of the identity").makeOptionMandatory();
  const scope = () =>
    new Option("-s, --scope <scope>", "scope org-campaign-project, wildcards as *; may be given several times")
      .argParser(several)
      .makeOptionMandatory();

  const verb = (name: string, ...examples: readonly string[]) => withExample(withStores(identity.command(name)), ...examples);

  verb("add", "identity add -i alice -k - < key", "identity add -t compute -i cluster -k - < key")
    .description("Adds an identity. One that exists gets the new key, and loses its scopes.")
    .addOption(type())
    .addOption(name())
    .addOption(new Option("-k, --key <key>", "its key; `-` reads it from standard input").makeOptionMandatory())
    .action(async (options) => (await import("./commands/identity-add.ts")).identityAdd(options));
  verb("set-key", "identity set-key -i alice -k - < key")
    .description("Gives an identity another key; its scopes stay.")
    .addOption(type())
    .addOption(name())
    .addOption(new Option("-k, --key <key>", "its key; `-` reads it from standard input").makeOptionMandatory())
    .action(async (options) => (await import("./commands/identity-change.ts")).identitySetKey(options));
  for (const [change, disabled, description] of [
    ["disable", true, "Refuses an identity's logins from now on."],
    ["enable", false, "Lets an identity log in again."],
  ] as const) {
    verb(change, `identity ${change} -i alice`)
      .description(description)
      .addOption(type())
      .addOption(name())
      .action(async (options) => (await import("./commands/identity-change.ts")).identitySetDisabled(disabled, options));
  }
  verb("expire", "identity expire -i alice --when 2030-12-31T00:00:00Z", "identity expire -i alice --when never")
    .description("Sets the instant from which an identity's logins are refused.")
    .addOption(type())
    .addOption(name())
    .addOption(new Option("--when <instant>", "an instant such as 2030-12-31T00:00:00Z, or `never`").makeOptionMandatory())
    .action(async (options) => (await import("./commands/identity-change.ts")).identityExpire(options));
  verb("list", "identity list", "identity list -t compute --json")
    .description("Lists the identities.")
    .addOption(type())
    .addOption(json())
    .action(async (options) => (await import("./commands/identity-list.ts")).identityList(options));
  verb("remove", "identity remove -i alice")
    .description("Removes an identity; silent when there is none.")
    .addOption(type())
    .addOption(name())
    .action(async (options) => (await import("./commands/identity-remove.ts")).identityRemove(options));
  verb("add-scope", "identity add-scope -i alice -s lab-*-*", "identity add-scope -t compute -i cluster -s *-*-*")
    .description("Gives an identity scopes.")
    .addOption(type())
    .addOption(name())
    .addOption(scope())
    .action(async (options) => (await import("./commands/identity-add-scope.ts")).identityAddScope(options));
  verb("remove-scope", "identity remove-scope -i alice -s lab-*-*")
    .description("Takes scopes from an identity.")
    .addOption(type())
    .addOption(name())
    .addOption(scope())
    .action(async (options) => (await import("./commands/identity-remove-scope.ts")).identityRemoveScope(options));
  verb("list-scope", "identity list-scope -i alice")
    .description("Lists the scopes of an identity.")
    .addOption(type())
    .addOption(name())
    .addOption(json())
    .action(async (options) => (await import("./commands/identity-list-scope.ts")).identityListScope(options));
}

function declareDatabase(database: Command): void {
  const verb = (name: string, ...examples: readonly string[]) => withExample(withStores(database.command(name)), ...examples);

  verb("init", "database init", "database init --url postgres://alchemiscale@db/alchemiscale")
    .description("Creates the tables, or brings them up to date; what is stored stays.")
    .action(async (options) => (await import("./commands/database-init.ts")).databaseInit(options));
  withObjects(verb("check", "database check", "database check --quick --json"))
    .summary("say whether the stores work and are sound")
    .description(
      "Reads and writes the two stores, and looks through the state store for damage: pages of a SQLite file, and rules such as that whoever holds a claim is registered. Changes nothing; exit code 1 when something is wrong.",
    )
    .option("--quick", "only whether they can be read and written")
    .addOption(json())
    .action(async (options) => (await import("./commands/database-check.ts")).databaseCheck(options));
  verb(
    "migrate",
    "database migrate --dry-run",
    "database migrate --url postgres://alchemiscale@db/alchemiscale --i-have-a-backup",
  )
    .summary("bring the tables up to date, after showing what is to be done")
    .description(
      "Shows which migrations the state store lacks, and applies them. Before one that drops or rewrites what is stored, a SQLite file is copied beside itself; PostgreSQL is backed up by you.",
    )
    .option("--i-have-a-backup", "PostgreSQL: a backup was made, and migrations that drop or rewrite may run")
    .option("--dry-run", "only show")
    .addOption(json())
    .action(async (options) => (await import("./commands/database-migrate.ts")).databaseMigrate(options));
  verb("backup", "database backup /backups/state-$(date +%F).sqlite")
    .summary("copy the state store to a file, also while it is used")
    .description(
      "Copies a SQLite state store, as it is at one moment, to a new file; servers go on meanwhile. PostgreSQL has pg_dump for this. Results are in the object store, and are to be copied after the state.",
    )
    .argument("<file>", "the new file")
    .action(async (file, options) => (await import("./commands/database-backup.ts")).databaseBackup(file, options));
  withAnalysisPython(withObjects(verb("rebuild-estimates", "database rebuild-estimates", "database rebuild-estimates --json")))
    .summary("read every result again, and make all estimates anew")
    .description(
      "Reads every result in the object store again, and makes the estimates of Transformations and networks anew; the figures are the same. Servers may go on meanwhile.",
    )
    .addOption(json())
    .action(async (options) => (await import("./commands/database-rebuild-estimates.ts")).databaseRebuildEstimates(options));
  verb("reset", "database reset", "database reset --data /srv/alchemiscale --confirm /srv/alchemiscale/state.sqlite")
    .summary("erase everything in the state store")
    .description(
      "Erases networks, Tasks, the record of results, and identities, after asking for the name of the store. Refused while a server or a compute service uses it. The results themselves stay in the object store.",
    )
    .option("--confirm <name>", "the name of the store, instead of asking for it")
    .action(async (options) => (await import("./commands/database-reset.ts")).databaseReset(options));
}

function declareCompute(compute: Command): void {
  const api = withExample(
    compute.command("api"),
    "compute api --host 0.0.0.0 --port 8001 --url postgres://alchemiscale@db/alchemiscale",
  )
    .description("Runs the compute API alone, over the same stores as `api`.")
    .option("--registration-expire-seconds <seconds>", "a compute service without a heartbeat for this long is gone", seconds);
  withServing(withMetrics(withBinding(api, "ALCHEMISCALE_COMPUTE_API"))).action(async (options) =>
    (await import("./commands/compute-api.ts")).computeApi(options),
  );

  withExample(
    withComputeService(compute.command("synchronous")),
    "compute synchronous -c service.yaml --python ~/envs/openfe/bin/python",
  )
    .summary("run a compute service that executes one Task after another")
    .description(
      "Claims Tasks from a server, executes them one after another, and sends their results, until stopped (Ctrl-C) or until max_tasks or max_time of the configuration is reached. Exit code 3 when every Task fails at once for a reason of this host.",
    )
    .action(async (options) => (await import("./commands/compute-synchronous.ts")).computeSynchronous(options));

  withExample(
    withComputeService(compute.command("parallel")),
    "compute parallel -c service.yaml --python ~/envs/openfe/bin/python",
  )
    .summary("run a compute service that fills the cores and GPUs of this host")
    .description(
      "Claims as many Tasks as its cores, memory and GPUs can use, and executes the independent units of them at once, until stopped (Ctrl-C) or until max_tasks or max_time of the configuration is reached. Exit code 3 when every Task fails at once for a reason of this host.",
    )
    .action(async (options) => (await import("./commands/compute-parallel.ts")).computeParallel(options));

  declareManager(compute);
}

function declareManager(compute: Command): void {
  withExample(
    compute.command("manager"),
    "compute manager -c manager.yaml -s service.yaml",
    "compute manager -c manager.yaml -s service.yaml --once manager.json",
  )
    .summary("start compute services on this host while there is work for them")
    .description(
      "Asks the server for instructions, and starts compute services as processes of this host while Tasks wait, until stopped (Ctrl-C) or told to shut down. With --once it makes one cycle and leaves the services running, for cron.",
    )
    .requiredOption("-c, --config-file <file>", "configuration of the manager (YAML)")
    .option("-s, --service-config <file>", "configuration of its services (YAML); overrides service_config")
    .option("--steal", "take the place of another manager of this name")
    .option("--max-cycles <number>", "end after so many cycles", wholeNumber(1, 1000))
    .option("--once <state-file>", "one cycle, going on from what this file says")
    .option("--clear-error", "only free the name of a manager that is in error")
    .action(async (options) => (await import("./commands/compute-manager.ts")).computeManager(options));
}

function withComputeService(command: Command): Command {
  return command
    .requiredOption("-c, --config-file <file>", "configuration (YAML)")
    .option("-n, --name <name>", "name of the service; overrides the configuration")
    .option("-m, --compute-manager-id <id>", "id of its compute manager; overrides the configuration")
    .addOption(
      new Option(
        "--executor <executor>",
        "what executes the Tasks: the built-in protocol, or any protocol of a Python environment",
      ).choices(["native", "python"]),
    )
    .option(
      "--python <path>",
      "the Python interpreter that has gufe and the protocols, or its environment (for --executor python; default: the active one)",
    )
    .option("--seeds <file>", "JSON object with a seed for each Task, for the native executor; others draw their own");
}

/** Commands that act on the stores themselves, also while a server runs. */
function withStores(command: Command): Command {
  return command
    .option("--data <directory>", "data directory (or ALCHEMISCALE_DATA; default: the user's data directory of this platform)")
    .option(
      "--url <url>",
      "state store, sqlite:FILE or postgres://… (or ALCHEMISCALE_STATE_STORE_URL; default: in the data directory)",
    )
    .addOption(new Option("--user <name>", "user of a PostgreSQL whose address names none").hideHelp())
    .addOption(new Option("--password <password>", "its password").hideHelp())
    .addOption(new Option("--dbname <name>", "its database").hideHelp());
}

/** Where results are, in the words of the Python server. */
function withObjects(command: Command): Command {
  return command
    .option(
      "--s3-bucket <name>",
      "bucket for results (or AWS_S3_BUCKET, ALCHEMISCALE_OBJECT_STORE_URL; default: in the data directory)",
    )
    .option("--s3-prefix <prefix>", "path in the bucket (or AWS_S3_PREFIX)")
    .option("--default-region <region>", "region of the bucket (or AWS_DEFAULT_REGION)")
    .option("--access-key-id <id>", "(better in AWS_ACCESS_KEY_ID)")
    .option("--secret-access-key <key>", "(better in AWS_SECRET_ACCESS_KEY, where others on this machine cannot see it)")
    .option("--session-token <token>", "(better in AWS_SESSION_TOKEN)");
}

/** Of what makes estimates or executes strategies. */
function withAnalysisPython(command: Command): Command {
  return command.option(
    "--analysis-python <path>",
    "a Python interpreter, or its environment, for protocols and strategies that are not known here (or ALCHEMISCALE_ANALYSIS_PYTHON)",
  );
}

/** What every server needs beside its address. */
function withServing(command: Command): Command {
  return withAnalysisPython(withObjects(withStores(command)))
    .option("--jwt-secret <secret>", "what signs tokens (better in JWT_SECRET_KEY; default: kept in the data directory)")
    .option("--jwt-expire-seconds <seconds>", "life of a token (or JWT_EXPIRE_SECONDS; default: 1800)", seconds)
    .addOption(new Option("--jwt-algorithm <name>", "HS256, and nothing else").hideHelp());
}

/** Of an API alone. */
function withBinding(command: Command, prefix: string): Command {
  return withLog(command)
    .option("--host <address>", `address to listen on (or ${prefix}_HOST; default: 127.0.0.1)`)
    .option("--port <port>", `port (or ${prefix}_PORT; default: 80)`, port)
    .option("--workers <number>", "processes that share the port, on PostgreSQL (default: 1)", workers)
    .option(
      "-c, --config-file <file>",
      "gunicorn's settings (YAML): bind, workers, loglevel, timeout, graceful_timeout; others are ignored",
    )
    .option("-j, --config-json <json>", "the same inline, as JSON; goes before the file");
}

function withLog(command: Command): Command {
  return command.option("--loglevel <level>", "critical, error, warning, info or debug (default: info)");
}

function withMetrics(command: Command): Command {
  return command
    .option(
      "--metrics-port <port>",
      "serve /metrics for Prometheus on this port of 127.0.0.1 (0: any free one); off unless given",
      port,
    )
    .option("--metrics-by-scope", "count Tasks by scope too, in 100 series at most");
}

/** Commander hands the settings on to commands only where they exist before the command does. */
function inheritSettings(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    command.exitOverride();
    inheritSettings(command);
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return value;
}

function workers(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1024)
    throw new InvalidArgumentError("It must be a whole number from 1 to 1024.");
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && Number.isSafeInteger(value)))
    throw new InvalidArgumentError("It must be a whole number of seconds, at least 1.");
  return value;
}

function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("It must be a whole number from 0 to 2^53 - 1.");
  return value;
}
