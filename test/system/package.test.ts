import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO, ROOT, runProgram, type Ran } from '../helpers.js';

/** The service in a program of one's own, its client, and the page. */
const SERVICE = `
  import { readFileSync } from 'node:fs';
  import { connect, speakers } from 'whospeaks/client';
  import { serve } from 'whospeaks/server';
  import { WebSocket } from 'ws';
  const recording = readFileSync('${AUDIO}/alice.wav');
  const server = await serve({ port: 0, maxStreams: 2, dataFolder: './data', logLevel: 'silent' });
  console.log('page ' + (await fetch(server.url)).status);
  await speakers({ url: server.url }).enroll('alice', recording);
  const stream = connect({ url: server.url, WebSocket, live: false });
  const heard = new Set();
  stream.events$.subscribe({
    next: (event) => { if (event.type === 'final') heard.add(event.speaker); },
    complete: async () => {
      console.log([...heard].join());
      await server.close();
      console.log('closed');
    },
  });
  await stream.send(recording.subarray(44));
  stream.end();`;

/** What a user does, with install scripts off: install the packages into an empty project, import, run the command. */
describe('the packed packages', () => {
  const project = mkdtempSync(join(tmpdir(), 'package-'));
  const inProject = (command: string, args: readonly string[]): Promise<Ran> =>
    runProgram(command, args, { cwd: project });
  const npm = async (...args: string[]): Promise<void> => {
    const ran = await inProject('npm', args);
    expect(ran.code, ran.stderr).toBe(0);
  };

  beforeAll(async () => {
    const packed = await runProgram('node', ['scripts/pack.mjs', `--into=${project}`]);
    expect(packed.code, packed.stderr).toBe(0);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  }, 600_000);
  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it('are the SDK, which holds no source of the addon, and the addon of this platform', () => {
    const platform = `whospeaks-${process.platform}-${process.arch}-`;
    const tarballs = readdirSync(project).filter((file) => file.endsWith('.tgz'));
    expect(tarballs.sort().map((file) => file.replace(/\d+\.\d+\.\d+\.tgz$/, ''))).toEqual([
      'whospeaks-',
      platform,
    ]);
  });

  it('say what to do where npm left the addon out', async () => {
    const [sdk] = readdirSync(project).filter((file) => /^whospeaks-\d.*\.tgz$/.test(file));
    await npm('install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-save', `./${sdk!}`);
    const installed = join(project, 'node_modules/whospeaks');
    expect(readdirSync(installed)).not.toContain('CMakeLists.txt');
    // One file of declarations an entry, and the one that two of them share.
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.d.ts'))).toHaveLength(9);
    const cores = ['relaxed', 'simd', 'scalar'].map((name) => `whospeaks-${name}.wasm`);
    for (const file of ['index.js', 'worker.js', ...cores])
      expect(files).toContain(join('dist/browser', file));
    const { code, stderr } = await inProject('npx', ['listen', `${AUDIO}/meeting.wav`]);
    expect(stderr).toContain(`npm install @whospeaks/${process.platform}-${process.arch} [addon-missing]`);
    expect(code).toBe(7);
  });

  it('do the main job from an empty project, with install scripts off', async () => {
    const tarballs = readdirSync(project).filter((file) => file.endsWith('.tgz'));
    await npm('install', '--ignore-scripts', '--no-audit', ...tarballs.map((file) => `./${file}`));
    for (const name of ['whospeaks', `@whospeaks/${process.platform}-${process.arch}`]) {
      const files = readdirSync(join(project, 'node_modules', name));
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'THIRD-PARTY-NOTICES.txt']));
    }

    const script = `
      import { enroll, fromFile, identify, SpeakerModel } from 'whospeaks';
      const model = await SpeakerModel.fromPretrained();
      const alice = await enroll(model, { name: 'alice', sources: [fromFile('${AUDIO}/alice.wav')] });
      identify(fromFile('${AUDIO}/meeting.wav'), { model, speakers: [alice] }).subscribe({
        next: (event) => { if (event.type === 'final') console.log(event.speaker); },
        complete: () => model.close(),
      });`;
    writeFileSync(join(project, 'main.js'), script);
    const ran = await inProject('node', ['main.js']);
    expect(ran.stderr).toBe('');
    expect(ran.stdout.match(/alice/g)).toHaveLength(3);

    writeFileSync(join(project, 'service.js'), SERVICE);
    const service = await inProject('node', ['service.js']);
    expect(service.code, service.stderr).toBe(0);
    expect(service.stdout.trim().split('\n')).toEqual(['page 200', 'alice', 'closed']);

    // Every entry type-checks in a program for Node: without the DOM library, its declarations checked too.
    const entries = ['', '/stages', '/evaluate', '/convert', '/server', '/client', '/testing', '/browser'];
    const imports = entries.map(
      (entry, i) => `import * as entry${i} from 'whospeaks${entry}'; export { entry${i} };`,
    );
    // A class is the same one in every entry that has it, private members and all.
    imports.push('export const model: entry0.SpeakerModel = await entry1.SpeakerModel.fromPretrained();');
    writeFileSync(join(project, 'types.ts'), imports.join('\n'));
    const options = { module: 'nodenext', target: 'es2022', lib: ['es2023'], strict: true, noEmit: true };
    const types = { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] };
    const compilerOptions = { ...options, ...types, skipLibCheck: false };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
    const checked = await inProject(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
    expect(checked.stdout).toBe('');

    const cli = await inProject('npx', ['listen', `${AUDIO}/meeting.wav`, '--enroll', `${AUDIO}/alice.wav`]);
    expect(cli.code, cli.stderr).toBe(0);
    expect(cli.stdout).toContain('  alice  ');
  });
});
