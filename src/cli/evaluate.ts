import { Command } from 'commander';
import { diarizationCommand } from './evaluate-diarization.js';
import { eventsCommand } from './evaluate-events.js';
import { trialsCommand } from './evaluate-trials.js';

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .addCommand(trialsCommand())
    .addCommand(diarizationCommand())
    .addCommand(eventsCommand());
}
