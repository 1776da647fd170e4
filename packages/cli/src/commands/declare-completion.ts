import { Argument, type Command } from "commander";
import { withExample } from "./user-command.ts";

/** `completion`: for shells, from the program's own declaration. */
export function declareCompletion(program: Command): void {
  withExample(
    program.command("completion"),
    "completion bash > ~/.local/share/bash-completion/completions/alchemiscale",
    "completion zsh > ~/.alchemiscale.zsh  # and in ~/.zshrc: source ~/.alchemiscale.zsh",
    "completion fish > ~/.config/fish/completions/alchemiscale.fish",
  )
    .summary("print completion for a shell")
    .description("Prints what lets a shell complete commands, options and their values.")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell) => {
      const { completionScript } = await import("../completion/completion-script.ts");
      const { print } = await import("../terminal/print.ts");
      print(completionScript(program, shell));
    });
}
