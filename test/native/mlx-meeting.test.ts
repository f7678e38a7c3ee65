import { lastValueFrom, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { fromFile, identify, SpeakerModel, type IdentifyEvent } from '../../src/index.js';
import type { EngineName } from '../../src/native/engine-names.js';
import { exampleSpeakers } from '../example-voices.js';
import { AUDIO } from '../helpers.js';

/** Positions, labels and revisions: all of an event but its scores, which differ in their last digits. */
function facts(event: IdentifyEvent): object {
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => !['score', 'probability', 'profile'].includes(key)),
  );
}

async function events(engine: EngineName): Promise<IdentifyEvent[]> {
  const model = await SpeakerModel.fromPretrained(undefined, { engine });
  expect(model.engineName).toBe(engine);
  const speakers = await exampleSpeakers(model);
  const all = await lastValueFrom(
    identify(fromFile(`${AUDIO}/meeting.wav`), { model, speakers }).pipe(toArray()),
  );
  model.close();
  return all;
}

it('the example meeting gives the same events on mlx and cpu', async () => {
  const cpu = await events('cpu');
  const mlx = await events('mlx');
  expect(cpu.filter(({ type }) => type === 'final').length).toBeGreaterThan(4);
  expect(mlx.map(facts)).toEqual(cpu.map(facts));
});
