import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AUDIO, runProgram } from '../helpers.js';

/** What a user does: install the package into an empty project, import it, run its command. */
it(
  'the packed package installs into an empty project and does the main job',
  { timeout: 600_000 },
  async () => {
    const project = mkdtempSync(join(tmpdir(), 'package-'));
    const packed = await runProgram('npm', ['pack', '--pack-destination', project]);
    expect(packed.code, packed.stderr).toBe(0);
    const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'))!;
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({
        private: true,
        type: 'module',
        dependencies: { whospeaks: `file:${tarball}` },
        allowScripts: { whospeaks: true },
      }),
    );
    const installed = await runProgram(
      'npm',
      ['install', '--prefix', project, '--omit=optional', '--no-audit'],
      {
        cwd: project,
      },
    );
    expect(installed.code, installed.stderr).toBe(0);

    const script = `
    import { enroll, fromFile, identify, SpeakerModel } from 'whospeaks';
    const model = await SpeakerModel.fromPretrained();
    const alice = await enroll(model, { name: 'alice', sources: [fromFile('${AUDIO}/alice.wav')] });
    identify(fromFile('${AUDIO}/meeting.wav'), { model, speakers: [alice] }).subscribe({
      next: (event) => { if (event.type === 'final') console.log(event.speaker); },
      complete: () => model.close(),
    });`;
    writeFileSync(join(project, 'main.js'), script);
    const ran = await runProgram('node', ['main.js'], { cwd: project });
    expect(ran.stderr).toBe('');
    expect(ran.stdout.match(/alice/g)).toHaveLength(3);

    const cli = await runProgram(
      'npx',
      ['listen', `${AUDIO}/meeting.wav`, '--enroll', `${AUDIO}/alice.wav`],
      { cwd: project },
    );
    expect(cli.code, cli.stderr).toBe(0);
    expect(cli.stdout).toContain('  alice  ');
  },
);
