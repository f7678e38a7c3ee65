import { Command } from 'commander';
import pc from 'picocolors';
import { listMicrophones, micDoctor } from '../stream/index.js';
import { EXIT } from './exit-codes.js';

interface JsonOption {
  readonly json?: true;
}

export function micCommand(): Command {
  const command = new Command('mic');
  command
    .command('list')
    .description('list the input devices')
    .option('--json', 'print JSON')
    .action(async ({ json }: JsonOption) => {
      const devices = await listMicrophones();
      if (json) {
        process.stdout.write(`${JSON.stringify(devices)}\n`);
        return;
      }
      for (const { id, name, hostApi, defaultSampleRateHz, isDefault } of devices) {
        const mark = isDefault ? '*' : ' ';
        process.stdout.write(
          `${mark} ${String(id).padStart(3)}  ${name}  (${hostApi}, ${defaultSampleRateHz} Hz)\n`,
        );
      }
      if (devices.length === 0)
        process.stdout.write('no input device; `whospeaks mic doctor` says what to do\n');
    });
  command
    .command('doctor')
    .description('say why a microphone does not work, and what to do')
    .option('--device <name>', 'a device name or id (default: the system default)')
    .option('--json', 'print JSON')
    .action(async ({ device, json }: JsonOption & { device?: string }) => {
      const checks = await micDoctor(device === undefined ? {} : { device: deviceOf(device) });
      if (json) {
        process.stdout.write(`${JSON.stringify(checks)}\n`);
      } else {
        for (const { check, ok, detail, advice } of checks) {
          process.stdout.write(`${ok ? pc.green('ok  ') : pc.red('FAIL')} ${check}: ${detail}\n`);
          if (advice !== undefined) process.stdout.write(`     ${advice}\n`);
        }
      }
      if (checks.some(({ ok }) => !ok)) process.exitCode = EXIT.microphone;
    });
  return command;
}

/** A number is a device's id, anything else (part of) its name. */
export function deviceOf(value: string): number | string {
  return /^\d+$/.test(value) ? Number(value) : value;
}
