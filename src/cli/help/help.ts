import { Help, type Command, type HelpConfiguration } from 'commander';
import { EXPERT_OPTIONS, LAYOUT, type CommandLayout } from './layout.js';

const EXPERT_OPTIONS_HEADING = 'Expert options:';
const EXPERT_COMMANDS_HEADING = 'Expert commands:';
/** A narrower description is put under what it describes. */
const MIN_DESCRIPTION = 30;
/** A word needs some room, however narrow the terminal. */
const MIN_WRAP = 10;

/**
 * Give a command and all within it their help: wrapped at the terminal's width, options and commands of the first day before
 * those of experts, examples at the end.
 * @param helpWidth columns; default: those of the terminal, 80 where there is none
 */
export function withHelp(command: Command, helpWidth?: number): Command {
  const layout = layoutOf(command);
  for (const long of [...EXPERT_OPTIONS, ...(layout.expert ?? [])]) {
    command.options.find((option) => option.long === long)?.helpGroup(EXPERT_OPTIONS_HEADING);
  }
  if (layout.isExpert) command.helpGroup(EXPERT_COMMANDS_HEADING);
  command.configureHelp({
    ...CONFIGURATION,
    ...(helpWidth === undefined ? {} : { helpWidth }),
    // The program lists its commands without having loaded what they take.
    ...(pathOf(command) === '' ? { subcommandTerm: (child: Command) => child.name() } : {}),
  });
  for (const child of command.commands) withHelp(child, helpWidth);
  return command;
}

/** What a command is called behind the program's name: `speakers add`. */
export function pathOf(command: Command): string {
  if (command.parent === null) return command.name() === 'whospeaks' ? '' : command.name();
  return `${pathOf(command.parent)} ${command.name()}`.trim();
}

function layoutOf(command: Command): CommandLayout {
  return LAYOUT[pathOf(command)] ?? {};
}

const CONFIGURATION: HelpConfiguration = {
  minWidthToWrap: MIN_WRAP,

  prepareContext(this: Help, { helpWidth }) {
    // A terminal may not tell its width.
    this.helpWidth ??= helpWidth !== undefined && helpWidth > 0 ? helpWidth : 80;
  },

  formatItem(this: Help, term, termWidth, description, helper) {
    const width = this.helpWidth ?? 80;
    if (description === '' || width - termWidth - 4 >= MIN_DESCRIPTION) {
      return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
    }
    const wrapped = helper.boxWrap(term, width - 4).replaceAll('\n', '\n    ');
    return `  ${wrapped}\n${indented(helper.boxWrap(description, width - 6), 6)}`;
  },

  formatHelp(this: Help, command, helper) {
    const width = this.helpWidth ?? 80;
    const [usage, ...rest] = Help.prototype.formatHelp.call(this, command, helper).split('\n');
    const lines = [helper.boxWrap(usage!, width - 2).replaceAll('\n', '\n  '), ...rest];
    const { note, examples = [] } = layoutOf(command);
    if (note !== undefined) lines.push(helper.boxWrap(note, width), '');
    for (const { does, line } of examples) {
      if (lines.at(-1) === '') lines.push('Examples:');
      lines.push(helper.boxWrap(does, width - 4).replaceAll(/^/gm, '  # '));
      lines.push(indented(continued(line, width - 4), 2));
    }
    return `${lines.join('\n').trimEnd()}\n`;
  },
};

/** A command line over several lines, as a shell reads them. */
function continued(line: string, width: number): string {
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.join(' \\\n');
}

function indented(text: string, columns: number): string {
  return text.replaceAll(/^/gm, ' '.repeat(columns));
}
