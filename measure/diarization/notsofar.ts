import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Reference } from './recordings.js';

/** `devices.json` of a meeting. */
const devicesSchema = z.array(
  z.object({ device_name: z.string(), is_mc: z.boolean(), wav_file_names: z.string().min(1) }),
);

/** `gt_transcription.json` of a meeting, what is read of it. */
const transcriptSchema = z.array(
  z.object({
    speaker_id: z.string(),
    start_time: z.coerce.number(),
    end_time: z.coerce.number(),
    text: z.string(),
  }),
);

/** Devices are close talk where their name begins with this. */
const CLOSE_TALK = 'CT';

/**
 * The sessions of NOTSOFAR-1's meetings, one a device, under the names that its baseline gives them. Of a device of several channels
 * the first is heard.
 *
 * @param microphone a part of the device's folder; default `sc`, all devices of one channel; `mc` are those of several
 */
export function notsofarSessions(meetings: readonly string[], microphone = 'sc'): Reference[] {
  const sessions = meetings.flatMap((meeting) => {
    const turns = read(join(meeting, 'gt_transcription.json'), transcriptSchema)
      // Without tags such as <BA/> nothing may be left: no word is said there.
      .filter(({ text }) => text.replaceAll(/<[^>]*>/g, '').trim() !== '')
      .map(({ speaker_id: speaker, start_time: startSeconds, end_time: endSeconds }) => ({
        speaker,
        startSeconds,
        endSeconds,
      }));
    return read(join(meeting, 'devices.json'), devicesSchema)
      .filter(({ device_name: name }) => !name.startsWith(CLOSE_TALK))
      .map((device) => ({ device, file: device.wav_file_names.split(',')[0]!.trim() }))
      .filter(({ file }) => file.includes(microphone))
      .map(({ device, file }): Reference => {
        const track = device.is_mc ? 'multichannel' : 'singlechannel';
        return {
          id: `${track}/${basename(meeting)}_${device.device_name}`,
          path: join(meeting, file),
          turns,
          scored: null,
        };
      });
  });
  if (sessions.length === 0)
    throw new Error(`--microphone ${microphone}: no device of the ${meetings.length} meetings is called so`);
  return sessions;
}

function read<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
