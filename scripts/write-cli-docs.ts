/**
 * Writes docs/reference/cli.md from the commands themselves: `npm run docs:cli`. With --check it only says whether the
 * file is what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { whospeaksProgram } from '../src/cli/program.js';

const file = new URL('../docs/reference/cli.md', import.meta.url);

const head = `# Command line

Written from the commands by \`npm run docs:cli\`; \`whospeaks COMMAND --help\` prints all options of a command. See also
[events](../events.md), [error codes and exit codes](../errors.md).
`;

/** By flags and description, the command that has told of an option already. */
const told = new Map<string, string>();

/** The help, without `--help` itself; of options that an earlier command has told of in the same words, the names. */
function help(command: Command, name: string): string {
  const known = new Map<string, string[]>();
  for (const option of command.options) {
    const text = `${option.flags}  ${option.description}`;
    const where = told.get(text);
    told.set(text, where ?? name);
    if (where === undefined) continue;
    option.hideHelp();
    known.set(where, [...(known.get(where) ?? []), option.long!]);
  }
  const lines = [...known].map(([where, options]) => `As for ${where}: ${options.join(', ')}`);
  const [text, ...examples] = command.helpOption(false).helpInformation().trimEnd().split('\n\nExamples:');
  const parts = [text!, ...(lines.length > 0 ? [lines.join('\n')] : [])];
  return [...parts, ...examples.map((each) => `Examples:${each}`)].join('\n\n');
}

function* sections(command: Command, path: string, level: number): Generator<string> {
  for (const child of command.commands) {
    const name = `${path} ${child.name()}`;
    yield `${'#'.repeat(level)} ${name}\n\n\`\`\`text\n${help(child, name)}\n\`\`\`\n`;
    yield* sections(child, name, level + 1);
  }
}

// A fixed width, so that the terminal it runs in does not matter.
const program = await whospeaksProgram({ helpWidth: 110 });
const text = [
  head,
  `\`\`\`text\n${help(program, program.name())}\n\`\`\`\n`,
  ...sections(program, program.name(), 2),
].join('\n');
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/reference/cli.md is not what the commands say; run: npm run docs:cli');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
