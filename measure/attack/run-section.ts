/** A process of its own for each section: `run-section.ts NAME SEED SCALE`. Sends its rows to `main.ts`. */
import { SECTIONS, type SectionName } from './section.js';

const [name, seed, scale] = process.argv.slice(2);
const section = await SECTIONS[name as SectionName]();
const rows = await section.run({ seed: Number(seed), scale: Number(scale) });
process.send!(rows, () => process.exit(0));
