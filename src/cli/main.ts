#!/usr/bin/env node
import { whospeaksProgram } from './program.js';
import { run } from './run.js';

await run(whospeaksProgram(), process.argv);
