/**
 * Run as a process of its own by the store's tests: `add FOLDER NAME...` adds speakers and ends;
 * `churn FOLDER` changes the store in every way it has for ever, until it is killed. It prints a line of JSON,
 * `{"doing":[NAME...]}`, before each change with those whom it touches, and `{"done":{NAME:SUM}}` after it, with what is
 * stored of them from then on: a sum over the voiceprint, or null where there is none.
 */
import { ProfileStore } from '../../../src/speakers/store/profile-store.js';
import { randomNumbers } from '../../random.js';
import { sumOf, type Told } from './store-kills.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const [mode, folder, ...names] = process.argv.slice(2);
const store = new ProfileStore({ folder: folder!, staleLockMs: 2000 });
const random = randomNumbers(process.pid);

if (mode === 'add') {
  for (const name of names) await store.add(profileFor(name, randomVoice(random)));
} else {
  const tell = (told: Told): void => {
    process.stdout.write(`${JSON.stringify(told)}\n`);
  };
  const change = async (touched: readonly string[], work: () => Promise<unknown>): Promise<void> => {
    tell({ doing: touched });
    await work();
    const { profiles } = await store.list();
    const sums = touched.map((name): [string, string | null] => {
      const profile = profiles.find((each) => each.name === name);
      return [name, profile === undefined ? null : sumOf(profile)];
    });
    tell({ done: Object.fromEntries(sums) });
  };
  for (let i = 0; ; i++) {
    const name = `churn ${process.pid} ${i}`;
    const later = `${name} renamed`;
    const made = () => profileFor(name, randomVoice(random));
    const file = `${folder!}.export`;
    await change([name], () => store.add(made()));
    await change([name], () => store.put(made(), { replaces: name }));
    await change([name], () =>
      store.adapt(name, { vector: randomVoice(random), seconds: 6, probability: 0.99 }),
    );
    await change([name, later], () => store.rename(name, later));
    await change([], () => store.export(file, [later]));
    await change([later], () => store.delete(later));
    await change([later], () => store.restore(later));
    await change([later], () => store.delete(later, { erase: true }));
    await change([later], () => store.import(file));
    if (i % 2 === 0) await change([later], () => store.delete(later));
  }
}
