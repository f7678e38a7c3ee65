#!/usr/bin/env node
import { withHelp } from './help/help.js';
import { listenCommand } from './listen.js';
import { run } from './run.js';

await run(withHelp(listenCommand()), process.argv);
