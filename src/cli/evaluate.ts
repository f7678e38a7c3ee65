import { Command } from 'commander';
import { diarizationCommand } from './evaluate-diarization.js';
import { eventsCommand } from './evaluate-events.js';
import { trialsCommand } from './evaluate-trials.js';

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Measure answers against the truth: trials, turns, or the events of a stream.')
    .addCommand(trialsCommand())
    .addCommand(diarizationCommand())
    .addCommand(eventsCommand());
}
