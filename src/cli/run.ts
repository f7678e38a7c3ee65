import { CommanderError, type Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import { EXIT, reportError } from './exit-codes.js';
import { closeFleets } from './open-fleet.js';

/**
 * Run a command line to its exit code. Exits by setting `process.exitCode`, so that what is written to a
 * pipe is flushed; a reader that closes the pipe early (`| head`) ends the program quietly, a full disk with one line.
 */
export async function run(program: Command, argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    const why = `cannot write to standard output: ${error.message}; free some space, or send it elsewhere`;
    process.exit(reportError(new WhospeaksError('invalid-option', why, { cause: error })));
  });
  // Nobody is left to tell, and the answer may still be read.
  process.stderr.on('error', () => undefined);
  try {
    await strict(program).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else {
      process.exitCode = reportError(error);
    }
  } finally {
    await closeFleets();
  }
}

/** Commander throws instead of exiting, and ends every usage error with where help is. */
function strict(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help lists the options)');
  command.commands.forEach(strict);
  return command;
}
