/** A process of its own for each section: `run-section.ts NAME SEED SCALE`. Sends each row to `main.ts`. */
import { SECTIONS, type SectionName } from './section.js';

const [name, seed, scale] = process.argv.slice(2);
const section = await SECTIONS[name as SectionName]();
for await (const row of section.run({ seed: Number(seed), scale: Number(scale) })) process.send!(row);
process.send!('done', () => process.exit(0));
