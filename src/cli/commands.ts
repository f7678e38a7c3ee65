import type { Command } from 'commander';

interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

/** In the order of the help. Help needs the first two alone; the code behind a command takes longer to load than most run. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'listen',
    description: 'Say who is speaking in a file, a pipe or the microphone, as it happens.',
    load: async () => (await import('./listen.js')).listenCommand(),
  },
  {
    name: 'diarize',
    description: 'Say who spoke when in recordings. Hears each one whole before it decides, unlike `listen`.',
    load: async () => (await import('./diarize/command.js')).diarizeCommand(),
  },
  {
    name: 'words',
    description: 'Say who said what: the words of a speech recogniser under the names of speakers.',
    load: async () => (await import('./words/command.js')).wordsCommand(),
  },
  {
    name: 'serve',
    description: 'Serve streams over WebSocket, speakers over HTTP, and a page that shows who is speaking.',
    load: async () => (await import('./serve.js')).serveCommand(),
  },
  {
    name: 'token',
    description: 'Make, list and revoke tokens for `whospeaks serve`.',
    load: async () => (await import('./token.js')).tokenCommand(),
  },
  {
    name: 'health',
    description: 'Ask the `whospeaks serve` of this machine whether it takes streams.',
    load: async () => (await import('./health.js')).healthCommand(),
  },
  {
    name: 'speakers',
    description: 'Enrol, list, rename and remove speakers.',
    load: async () => (await import('./speakers.js')).speakersCommand(),
  },
  {
    name: 'compare',
    description: 'Say whether two recordings are of one person, and how sure that is.',
    load: async () => (await import('./compare.js')).compareCommand(),
  },
  {
    name: 'embed',
    description: 'Print the embedding of a whole recording: one L2-normalised vector, as JSON.',
    load: async () => (await import('./compare.js')).embedCommand(),
  },
  {
    name: 'calibrate',
    description: 'Fit the meaning of scores to your own recordings, one folder per speaker.',
    load: async () => (await import('./calibrate.js')).calibrateCommand(),
  },
  {
    name: 'evaluate',
    description: 'Score answers against a reference: trials, turns, or the events of a stream.',
    load: async () => (await import('./evaluate.js')).evaluateCommand(),
  },
  {
    name: 'simulate',
    description: 'Make a conversation with an exact reference from recordings of single speakers.',
    load: async () => (await import('./simulate.js')).simulateCommand(),
  },
  {
    name: 'doctor',
    description: 'List engines, devices and versions, and test them for some seconds.',
    load: async () => (await import('./doctor.js')).doctorCommand(),
  },
  {
    name: 'mic',
    description: 'List and check microphones.',
    load: async () => (await import('./mic.js')).micCommand(),
  },
  {
    name: 'model',
    description: 'Download, inspect and convert embedding and segmentation models.',
    load: async () => (await import('./model.js')).modelCommand(),
  },
  {
    name: 'completion',
    description: 'Print a script with which a shell completes commands and options.',
    load: async () => (await import('./completion/completion.js')).completionCommand(),
  },
];
