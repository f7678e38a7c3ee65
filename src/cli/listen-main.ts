#!/usr/bin/env node
import { listenCommand } from './listen.js';
import { run } from './run.js';

await run(listenCommand(), process.argv);
