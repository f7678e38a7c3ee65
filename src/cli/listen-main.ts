#!/usr/bin/env node
import { COMMANDS } from './commands.js';
import { withHelp } from './help/help.js';
import { run } from './run.js';

const { description, load } = COMMANDS.find(({ name }) => name === 'listen')!;
await run(withHelp((await load()).description(description)), process.argv);
