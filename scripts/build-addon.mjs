// Builds the native addon into build/whospeaks.node with CMake. Needs cmake, a C++17 compiler and make or
// ninja; headers come from npm packages, nothing is fetched. `--test` builds and runs the C++ tests instead;
// `--sanitize=address,undefined` (or `thread`) does so under sanitizers, under Linux and GCC the addon's argument checks
// too with `address`; `--aarch64` for ARM under qemu-user. The mlx
// engine is built where MLX is found (cmake/mlx.cmake); `--mlx=on` fails without it, `--mlx=off` leaves it out, and
// `--mlx=fetched` takes the one of `npm run mlx:fetch` and no other.
// `--into=FOLDER` builds there, for a package: no path of this machine is left in it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const windows = process.platform === 'win32';

function fail(message) {
  console.error(`build-addon: ${message}`);
  process.exit(1);
}

function found(tool) {
  const result = spawnSync(tool, ['--version'], { stdio: 'ignore' });
  return result.error === undefined && result.status === 0;
}

/** The first of `tools` that runs; CXX and the like come first, where the user set them. */
function firstFound(tools) {
  return tools.find((tool) => tool !== undefined && tool !== '' && found(tool));
}

function installCommand(debian, mac, win) {
  return { darwin: mac, win32: win }[process.platform] ?? debian;
}

function checkTools() {
  const cmake = firstFound(['cmake']);
  const make = firstFound(['ninja', 'make', 'gmake']);
  // CMake finds Visual Studio itself, wherever it lies.
  const compiler = windows || firstFound([process.env.CXX, 'c++', 'g++', 'clang++']) !== undefined;
  const missing = [];
  if (cmake === undefined) missing.push('cmake');
  if (!compiler) missing.push('a C++17 compiler (g++ or clang++)');
  if (!windows && make === undefined) missing.push('make (or ninja)');
  if (missing.length === 0) return make;
  const install = installCommand(
    'apt-get install -y cmake g++ make',
    'xcode-select --install && brew install cmake',
    'winget install Kitware.CMake Microsoft.VisualStudio.2022.BuildTools',
  );
  return fail(`missing: ${missing.join(', ')}. Install with: ${install}`);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error === undefined && result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(
    `\`${command} ${args.join(' ')}\` failed${result.error ? `: ${result.error.message}` : ''}; its output is above`,
  );
}

/** Headers lie beside a package's main file, or in a folder under it. */
function headers(name, file) {
  try {
    return path.join(path.dirname(require.resolve(name)), file);
  } catch {
    return fail(`the npm package ${name} is missing. Install with: npm ci`);
  }
}

/** A build folder configured for another generator or source folder cannot be reused. */
function dropForeignCache(build, generator) {
  const cache = path.join(build, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const text = readFileSync(cache, 'utf8');
  const same =
    text.includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root.replaceAll('\\', '/')}\n`) &&
    (generator === undefined || text.includes(`CMAKE_GENERATOR:INTERNAL=${generator}\n`));
  if (!same) rmSync(build, { recursive: true, force: true });
}

/** Where GCC has the sanitizers' libraries, under Linux; none elsewhere. */
function sanitizerLibraries(names) {
  if (process.platform !== 'linux') return [];
  const compiler = firstFound([process.env.CXX, 'c++', 'g++']);
  const say = (argument) => spawnSync(compiler, [argument], { encoding: 'utf8' }).stdout.trim();
  // Clang finds GCC's libraries, and has others of its own.
  if (!say('--version').includes('Free Software Foundation')) return [];
  const files = names.map((name) => say(`-print-file-name=${name}`));
  // What it does not find is printed as it was asked for.
  return files.every((file) => path.isAbsolute(file)) ? files : [];
}

/** The value of `--name=value`. */
function argument(name) {
  return process.argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
}

const test = process.argv.includes('--test');
const sanitize = argument('sanitize') ?? '';
const aarch64 = process.argv.includes('--aarch64');
const mlx = (argument('mlx') ?? 'auto').toUpperCase();
const into = argument('into');
const make = checkTools();
if (aarch64 && !['aarch64-linux-gnu-g++', 'qemu-aarch64'].every(found)) {
  fail(
    'missing: an ARM compiler and emulator. Install with: apt-get install -y g++-aarch64-linux-gnu qemu-user',
  );
}
const generator = windows ? undefined : make === 'ninja' ? 'Ninja' : 'Unix Makefiles';
const tests = test || aarch64 || sanitize !== '';
const kind = sanitize !== '' ? sanitize.replace(',', '-') : aarch64 ? 'aarch64' : 'test';
const folder = tests ? `build-${kind}` : (into ?? 'build');
const build = path.resolve(root, folder);

dropForeignCache(build, generator);
// The C++ tests and sanitizers are for our own code, unless they are asked to take MLX in.
const withMlx = tests && mlx === 'AUTO' ? 'OFF' : mlx === 'FETCHED' ? 'ON' : mlx;
const options = [
  `-DCMAKE_BUILD_TYPE=Release`,
  `-DWS_SANITIZE=${sanitize}`,
  `-DWS_MLX=${withMlx}`,
  `-DWS_PACKAGE=${into === undefined ? 'OFF' : 'ON'}`,
];
if (mlx === 'FETCHED') options.push(`-DMLX_ROOT=${path.join(root, '.mlx/mlx')}`);
if (aarch64) options.push('-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake');
// Node itself is not instrumented: the address sanitizer can be preloaded, the thread sanitizer cannot.
const preload = sanitize.includes('address') ? sanitizerLibraries(['libasan.so', 'libubsan.so']) : [];
const addon = !tests || preload.length > 0;
options.push(`-DWS_TESTS=${tests ? 'ON' : 'OFF'}`, `-DWS_ADDON=${addon ? 'ON' : 'OFF'}`);
if (addon) {
  options.push(
    `-DWS_NODE_ADDON_API=${headers('node-addon-api', '.')}`,
    `-DWS_NODE_API_HEADERS=${headers('node-api-headers', 'include')}`,
    `-DWS_NODE_API_DEF=${headers('node-api-headers', 'def/node_api.def')}`,
  );
}
run('cmake', ['-S', '.', '-B', folder, ...(generator ? ['-G', generator] : []), ...options]);
const parallel = String(availableParallelism());
run('cmake', ['--build', folder, '--config', 'Release', '--parallel', parallel]);
if (tests) {
  const stdio = 'inherit';
  const ctest = ['--test-dir', folder, '--output-on-failure', '--parallel', parallel];
  const core = spawnSync('ctest', ctest, { cwd: root, stdio });
  if (core.status !== 0 || preload.length === 0) process.exit(core.status ?? 1);
  const env = {
    ...process.env,
    LD_PRELOAD: preload.join(' '),
    // Node frees little when it ends.
    ASAN_OPTIONS: 'detect_leaks=0',
    WHOSPEAKS_TEST_ADDON: path.join(build, 'whospeaks.node'),
  };
  const vitest = [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit'];
  const argumentsTest = [...vitest, 'test/native/arguments.test.ts'];
  process.exit(spawnSync(process.execPath, argumentsTest, { cwd: root, env, stdio }).status ?? 1);
}
console.log(`built ${path.join(folder, 'whospeaks.node')}`);
