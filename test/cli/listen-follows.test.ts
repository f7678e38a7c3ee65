import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ProfileStore, SpeakerModel } from '../../src/index.js';
import { voicePart } from '../server/voice-part.js';
import { exampleSpeakers } from '../example-voices.js';
import { whospeaks } from '../helpers.js';

it('a live listen names whom another process saves meanwhile, and no more whom it removes', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-follows-'));
  const sound = join(scratch, 'alice.wav');
  writeFileSync(sound, voicePart('alice', 9));
  const store = new ProfileStore({ folder: join(scratch, 'store') });
  const model = await SpeakerModel.fromPretrained();
  const [profile] = await exampleSpeakers(model, ['alice']);
  model.close();
  const listen = (change: () => Promise<unknown>) =>
    whospeaks(['listen', sound, '--realtime', '--json', '--store', store.folder], {
      onStart: (child) => {
        let told = '';
        child.stdout!.on('data', (text: string) => {
          const isFirst = told === '' && text !== '';
          told += text;
          // Something is told: the stream runs.
          if (isFirst) void change();
        });
      },
    });
  const speakersOf = (stdout: string): string[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; speaker?: string })
      .flatMap(({ type, speaker }) => (type === 'final' && speaker !== undefined ? [speaker] : []));
  expect(speakersOf((await listen(() => store.put(profile!))).stdout)).toContain('alice');
  expect(speakersOf((await listen(() => store.delete('alice'))).stdout)).not.toContain('alice');
  rmSync(scratch, { recursive: true });
});
