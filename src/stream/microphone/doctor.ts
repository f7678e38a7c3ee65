import { arch, platform, release } from 'node:os';
import { WhospeaksError } from '../../errors.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import { microphoneAdvice } from './advice.js';
import type { CaptureBackend, InputDevice } from './backend.js';
import { fromMicrophone, listMicrophones } from './from-microphone.js';
import { naudiodonBackend } from './naudiodon.js';

export interface MicCheck {
  /** What was looked at, in a word or two. */
  readonly check:
    'platform' | 'capture library' | 'devices' | 'default device' | 'capture' | 'level' | 'overflow';
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly advice?: string;
}

export interface MicDoctorOptions {
  readonly device?: number | string;
  readonly backend?: CaptureBackend;
  /** How long to listen, seconds. */
  readonly seconds?: number;
}

/** A level below this is hardly speech, dBFS. */
const FAINT_DBFS = -70;

/**
 * Look for what keeps a microphone from working: the capture library, the devices, the default device,
 * and one second of sound from it (level, zeros, overflow). Stops at the first thing that makes the rest
 * pointless; never throws for a microphone that does not work.
 */
export async function micDoctor(options: MicDoctorOptions = {}): Promise<MicCheck[]> {
  const { backend = naudiodonBackend, seconds = 1, device } = options;
  const checks: MicCheck[] = [];
  const known = ['linux', 'darwin', 'win32'].includes(platform());
  checks.push(
    check(
      'platform',
      known,
      `${platform()} ${release()}, ${arch()}, Node ${process.versions.node}`,
      'no-device',
    ),
  );

  let devices: readonly InputDevice[];
  try {
    devices = await listMicrophones(backend);
  } catch (error) {
    checks.push(failed('capture library', error, 'module-missing'));
    return checks;
  }
  checks.push(check('capture library', true, `${backend.name} is installed and loads`));
  const names = devices.map(({ id, name, hostApi }) => `${id} "${name}" (${hostApi})`).join(', ');
  checks.push(check('devices', devices.length > 0, names || 'no input device', 'no-device'));
  if (devices.length === 0) return checks;
  const standard = devices.find(({ isDefault }) => isDefault);
  checks.push(check('default device', standard !== undefined, standard?.name ?? 'none is set', 'no-device'));
  return [...checks, ...(await listen(backend, device, seconds))];
}

async function listen(
  backend: CaptureBackend,
  device: number | string | undefined,
  seconds: number,
): Promise<MicCheck[]> {
  const source = fromMicrophone(device === undefined ? { backend } : { backend, device });
  let count = 0;
  let energy = 0;
  let peak = 0;
  try {
    for await (const { samples } of source) {
      for (const x of samples) {
        energy += x * x;
        peak = Math.max(peak, Math.abs(x));
      }
      count += samples.length;
      if (count >= seconds * SAMPLE_RATE_HZ) break;
    }
  } catch (error) {
    return [failed('capture', error, 'will-not-open')];
  }
  const rmsDbfs = 10 * Math.log10(energy / count);
  const level = `${rmsDbfs.toFixed(1)} dBFS (peak ${(20 * Math.log10(peak)).toFixed(1)} dBFS)`;
  return [
    check('capture', true, `${(count / SAMPLE_RATE_HZ).toFixed(2)} s of sound came`),
    peak === 0
      ? check('level', false, 'every sample is zero', 'all-zero')
      : check('level', rmsDbfs > FAINT_DBFS, level, 'all-zero'),
    check('overflow', source.overflows === 0, `${source.overflows} overflows`, 'overflow'),
  ];
}

type Trouble = Parameters<typeof microphoneAdvice>[0];

function check(name: MicCheck['check'], ok: boolean, detail: string, trouble?: Trouble): MicCheck {
  return ok || !trouble
    ? { check: name, ok, detail }
    : { check: name, ok, detail, advice: microphoneAdvice(trouble) };
}

function failed(name: MicCheck['check'], error: unknown, trouble: Trouble): MicCheck {
  const detail = error instanceof WhospeaksError ? error.message : String(error);
  return check(name, false, detail, trouble);
}
