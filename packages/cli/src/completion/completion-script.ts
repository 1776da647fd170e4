/** Completion of a program's commands, options and their values, made from its declaration. */
import type { Command, Option } from "commander";

export type Shell = "bash" | "zsh" | "fish";

/** A command, and what may follow it. */
interface Words {
  /** `network restart-patterns`; empty: the program itself. */
  readonly path: string;
  readonly commands: readonly Described[];
  readonly options: readonly Described[];
  /** Values of arguments that have a fixed set of them. */
  readonly choices: readonly string[];
  readonly values: readonly OptionValues[];
}

interface Described {
  readonly word: string;
  readonly description: string;
}

/** An option that takes a value; without choices it may be anything, such as a file. */
interface OptionValues {
  readonly flags: readonly string[];
  readonly choices: readonly string[];
}

/** A script for the shell, which needs nothing else. */
export function completionScript(program: Command, shell: Shell): string {
  const words = wordsOf(program, []);
  const name = program.name();
  return shell === "fish" ? fish(name, words) : (shell === "zsh" ? zshHead : "") + bash(name, words);
}

function wordsOf(command: Command, path: readonly string[]): Words[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const options = help.visibleOptions(command);
  return [
    {
      path: path.join(" "),
      commands: commands.map((each) => ({ word: each.name(), description: each.summary() || each.description() })),
      options: options.map((each) => ({ word: each.long ?? each.short ?? "", description: each.description })),
      choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
      values: options.filter((each) => each.required || each.optional).map(valuesOf),
    },
    ...commands.flatMap((each) => wordsOf(each, [...path, each.name()])),
  ];
}

function valuesOf(option: Option): OptionValues {
  return { flags: [option.short, option.long].filter((flag) => flag !== undefined), choices: option.argChoices ?? [] };
}

/**
 * The command is found by walking along the words; an option's value is passed over, as it could have a command's name.
 * Where nothing is known, the shell completes files.
 */
function bash(name: string, words: readonly Words[]): string {
  const commands = words.filter(({ commands }) => commands.length > 0);
  const steps = commands.flatMap(({ path, commands }) => commands.map(({ word }) => quoted(`${path} ${word}`.trim())));
  const taking = [...new Set(words.flatMap(({ values }) => values.flatMap(({ flags }) => flags)))];
  const values = words.flatMap(({ path, values }) =>
    values.map(({ flags, choices }) => {
      const patterns = flags.map((flag) => quoted(`${path} ${flag}`.trim())).join("|");
      return `    ${patterns}) ${choices.length === 0 ? "return" : `${compgen(choices)}; return`} ;;`;
    }),
  );
  const follows = words.map(({ path, commands, options, choices }) => {
    const plain = [...commands.map(({ word }) => word), ...choices];
    return `    ${quoted(path)}) plain=${quoted(plain.join(" "))} options=${quoted(options.map(({ word }) => word).join(" "))} ;;`;
  });
  return `_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" plain="" options="" index next
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
    ${taking.join("|")}) ((index++)); continue ;;
    -*) continue ;;
    esac
    next="\${path:+$path }\${COMP_WORDS[index]}"
    case "$next" in
    ${steps.join("|")}) path="$next" ;;
    esac
  done
  case "\${path:+$path }$previous" in
${values.join("\n")}
  esac
  case "$path" in
${follows.join("\n")}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$plain" -- "$current"))
  fi
}
complete -o default -F _${name} ${name}`;
}

function compgen(choices: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$current"))`;
}

/** zsh runs functions that were written for bash. */
const zshHead = `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -Uz bashcompinit && bashcompinit
`;

function fish(name: string, words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, options, choices, values }) => {
    const parts = path === "" ? [] : path.split(" ");
    const names = commands.map(({ word }) => word).join(" ");
    // `network restart-patterns list` has the words of `network list`, too.
    const deeper = words.filter((each) => each.path !== path && isPart(parts, each.path.split(" "))).map((each) => each.path);
    const others = [...new Set(deeper.flatMap((each) => each.split(" ")))].filter((word) => !parts.includes(word));
    const here = [
      ...parts.map((part) => `__fish_seen_subcommand_from ${part}`),
      ...(parts.length > 0 && others.length > 0 ? [`not __fish_seen_subcommand_from ${others.join(" ")}`] : []),
      ...(names === "" ? [] : [`not __fish_seen_subcommand_from ${names}`]),
    ].join("; and ");
    const when = here === "" ? "" : ` -n ${quoted(here)}`;
    const choicesOf = new Map(values.flatMap((each) => each.flags.map((flag) => [flag, each.choices] as const)));
    return [
      ...commands.map(({ word, description }) => `complete -c ${name} -f${when} -a ${word} -d ${quoted(description)}`),
      ...choices.map((choice) => `complete -c ${name}${when} -a ${choice}`),
      ...options.map(({ word, description }) => {
        const taken = choicesOf.get(word);
        const value = taken === undefined ? "" : taken.length === 0 ? " -r" : ` -x -a ${quoted(taken.join(" "))}`;
        return `complete -c ${name}${when} -l ${word.replace(/^-+/, "")}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return lines.join("\n");
}

/** Whether words occur in this order among others. */
function isPart(words: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const word of all) if (word === words[found]) found += 1;
  return found === words.length;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
