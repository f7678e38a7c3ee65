import type { Command } from 'commander';

/** An option as a shell completes it. */
export interface CompletedOption {
  /** `--engine`, and `-h` where there is a short form. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Values, where they are a list; else a value is a file. */
  readonly choices: readonly string[];
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** Words behind the program's name, a blank before each: ` speakers add`; of the program itself empty. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
}

/** All commands, the program first. */
export function completedCommands(command: Command, path = ''): CompletedCommand[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command).map((option) => ({
    names: [option.long, option.short].filter((name) => typeof name === 'string'),
    description: firstLine(option.description),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
  const children = command.commands.map((child) => ({
    name: child.name(),
    description: firstLine(child.description()),
  }));
  return [
    { path, commands: children, options },
    ...command.commands.flatMap((child) => completedCommands(child, `${path} ${child.name()}`)),
  ];
}

/** Without marks that a shell would take for its own. */
function firstLine(text: string): string {
  return text
    .split(/[.;:(] ?/)[0]!
    .replaceAll(/["'`$\\[\]]/g, '')
    .trim();
}
