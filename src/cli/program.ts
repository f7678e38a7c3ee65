import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { calibrateCommand } from './calibrate.js';
import { completionCommand } from './completion/completion.js';
import { compareCommand, embedCommand } from './compare.js';
import { diarizeCommand } from './diarize/command.js';
import { doctorCommand } from './doctor.js';
import { evaluateCommand } from './evaluate.js';
import { withHelp } from './help/help.js';
import { healthCommand } from './health.js';
import { listenCommand } from './listen.js';
import { micCommand } from './mic.js';
import { modelCommand } from './model.js';
import { serveCommand } from './serve.js';
import { simulateCommand } from './simulate.js';
import { speakersCommand } from './speakers.js';
import { tokenCommand } from './token.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * The whole command line, every command with its options.
 * @param helpWidth columns of the help; default: those of the terminal
 */
export function whospeaksProgram(helpWidth?: number): Command {
  const program = new Command('whospeaks')
    .description('Who is speaking, now: real-time streaming speaker identification.')
    .version(version)
    .addCommand(listenCommand())
    .addCommand(diarizeCommand())
    .addCommand(serveCommand())
    .addCommand(tokenCommand())
    .addCommand(healthCommand())
    .addCommand(speakersCommand())
    .addCommand(compareCommand())
    .addCommand(embedCommand())
    .addCommand(calibrateCommand())
    .addCommand(evaluateCommand())
    .addCommand(simulateCommand())
    .addCommand(doctorCommand())
    .addCommand(micCommand())
    .addCommand(modelCommand())
    .addCommand(completionCommand());
  return withHelp(program, helpWidth);
}
