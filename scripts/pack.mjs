// Packs what is published, as tarballs: `whospeaks` itself, which holds no native code, and the addon for this
// platform, which npm installs beside it because `whospeaks` names it among its optional dependencies.
//   npm run pack:npm -- [--into=FOLDER] [--main] [--platform]     both, unless one is asked for
// The list of optional dependencies is added here and not in the repository's package.json: `npm ci` in a clone
// could not find packages there that are only published together with it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const platform = `${process.platform}-${process.arch}`;
const asked = process.argv.find((text) => text.startsWith('--into='))?.slice(7);
const into = path.resolve(root, asked ?? 'build-packages');
const all = !process.argv.includes('--main') && !process.argv.includes('--platform');

function fail(message) {
  console.error(`pack: ${message}`);
  process.exit(1);
}

function run(command, args, cwd = root) {
  const shell = process.platform === 'win32';
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, shell });
  if (result.error === undefined && result.status === 0) return result.stdout;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  return fail(`\`${command} ${args.join(' ')}\` failed; its output is above`);
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const manifest = readJson(path.join(root, 'package.json'));
const platforms = readdirSync(path.join(root, 'npm')).map((name) =>
  readJson(path.join(root, 'npm', name, 'package.json')),
);
for (const { name, version } of platforms) {
  if (version !== manifest.version) fail(`${name} is ${version}, whospeaks is ${manifest.version}`);
}

/** An empty folder to gather a package's files in. */
function stage(name) {
  const folder = path.join(into, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function pack(folder) {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], folder),
  );
  rmSync(folder, { recursive: true });
  console.log(path.join(into, filename.replace('@', '').replace('/', '-')));
}

/** The wheel's libraries lie beside the addon, and the metallib beside them, where MLX looks for it first. */
function addMlx(folder) {
  const library = path.join(root, '.mlx/mlx/lib');
  for (const file of ['libmlx.dylib', 'libjaccl.dylib', 'mlx.metallib']) {
    if (!existsSync(path.join(library, file))) fail(`${file} is missing; get MLX with: npm run mlx:fetch`);
    cpSync(path.join(library, file), path.join(folder, file));
  }
  const info = readdirSync(path.join(root, '.mlx')).find((name) => name.endsWith('.dist-info'));
  cpSync(path.join(root, '.mlx', info, 'licenses/LICENSE'), path.join(folder, 'LICENSE-MLX'));
}

function packPlatform() {
  const source = path.join(root, 'npm', platform);
  if (!existsSync(source)) fail(`no package is made for ${platform}; see npm/`);
  const withMlx = platform === 'darwin-arm64';
  // MLX on a processor is slower than the cpu engine: only where it has a GPU is it part of the package.
  run('node', ['scripts/build-addon.mjs', '--into=build-package', `--mlx=${withMlx ? 'fetched' : 'off'}`]);
  const folder = stage(platform);
  cpSync(path.join(source, 'package.json'), path.join(folder, 'package.json'));
  cpSync(path.join(root, 'build-package/whospeaks.node'), path.join(folder, 'whospeaks.node'));
  for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.txt'])
    cpSync(path.join(root, file), path.join(folder, file));
  if (withMlx) addMlx(folder);
  pack(folder);
}

function packMain() {
  run('npm', ['run', 'prepack']);
  // Whoever packs has Emscripten; whoever installs needs none.
  run('node', ['scripts/build-browser.mjs']);
  const [{ files }] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
  const folder = stage('whospeaks');
  for (const { path: file } of files) cpSync(path.join(root, file), path.join(folder, file));
  // What only a clone needs.
  const own = ['scripts', 'devDependencies', 'allowScripts'];
  const published = Object.fromEntries(Object.entries(manifest).filter(([key]) => !own.includes(key)));
  const addons = Object.fromEntries(platforms.map(({ name, version }) => [name, version]));
  published.optionalDependencies = { ...published.optionalDependencies, ...addons };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
  pack(folder);
}

if (all || process.argv.includes('--platform')) packPlatform();
if (all || process.argv.includes('--main')) packMain();
