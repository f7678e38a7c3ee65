/**
 * Writes docs/cli.md from the commands themselves: `npm run docs:cli`. With --check it only says whether the
 * file is what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { whospeaksProgram } from '../src/cli/program.js';

const file = new URL('../docs/cli.md', import.meta.url);

const head = `# Command line

Written from the commands by \`npm run docs:cli\`; \`whospeaks COMMAND --help\` prints the same. Events are described in
[events](events.md), error codes and exit codes in [errors](errors.md).
`;

function help(command: Command): string {
  return command.helpInformation().trimEnd();
}

function* sections(command: Command, path: string, level: number): Generator<string> {
  for (const child of command.commands) {
    const name = `${path} ${child.name()}`;
    yield `${'#'.repeat(level)} ${name}\n\n\`\`\`text\n${help(child)}\n\`\`\`\n`;
    yield* sections(child, name, level + 1);
  }
}

// A fixed width, so that the terminal it runs in does not matter.
const program = await whospeaksProgram({ helpWidth: 110 });
const text = [head, `\`\`\`text\n${help(program)}\n\`\`\`\n`, ...sections(program, program.name(), 2)].join(
  '\n',
);
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/cli.md is not what the commands say; run: npm run docs:cli');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
