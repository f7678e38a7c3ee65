/**
 * Run as a process of its own by the store's tests: `add FOLDER NAME...` adds speakers and ends;
 * `churn FOLDER` adds, renames and removes for ever, until it is killed.
 */
import { ProfileStore } from '../../../src/speakers/store/profile-store.js';
import { randomNumbers } from '../../random.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const [mode, folder, ...names] = process.argv.slice(2);
const store = new ProfileStore({ folder: folder!, staleLockMs: 2000 });
const random = randomNumbers(process.pid);

if (mode === 'add') {
  for (const name of names) await store.add(profileFor(name, randomVoice(random)));
} else {
  for (let i = 0; ; i++) {
    const name = `churn ${process.pid} ${i}`;
    await store.add(profileFor(name, randomVoice(random)));
    if (i === 0) process.stdout.write('busy\n');
    await store.rename(name, `${name} renamed`);
    if (i % 2 === 0) await store.remove(`${name} renamed`);
  }
}
