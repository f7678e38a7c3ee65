#!/usr/bin/env node
import { whospeaksProgram } from './program.js';
import { run } from './run.js';

await run(await whospeaksProgram({ asked: process.argv.slice(2) }), process.argv);
