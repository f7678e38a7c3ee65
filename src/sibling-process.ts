import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { assertUnbundled, sourceArguments } from './package-file.js';

export interface SiblingOptions {
  /** Path in the package of the module that starts it, without its ending. */
  readonly from: string;
  /** Name of the program, a module beside that one, without its ending. */
  readonly program: string;
  /** Heap at which V8 ends the process, MiB. */
  readonly heapMiB: number;
  readonly stdio: StdioOptions;
  /** Whether it stands back behind everything else on the machine; where the system does not let us, it does not. */
  readonly inBackground: boolean;
}

/**
 * Start a program of the package's in a process of its own, with messages as structured clones.
 *
 * @param moduleUrl `import.meta.url` of the module that starts it
 * @throws WhospeaksError `addon-missing` where that module is in a bundle
 */
export function startSibling(
  moduleUrl: string,
  { from, program, heapMiB, stdio, inBackground }: SiblingOptions,
): ChildProcess {
  assertUnbundled(moduleUrl, from);
  // Run from the TypeScript sources (tests, examples) there is no compiled file beside it.
  const fromSource = moduleUrl.endsWith('.ts');
  const entry = new URL(`./${program}.${fromSource ? 'ts' : 'js'}`, moduleUrl);
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    stdio,
    execArgv: [`--max-old-space-size=${heapMiB}`, ...(fromSource ? sourceArguments() : [])],
  });
  if (inBackground && child.pid !== undefined) standBack(child.pid);
  return child;
}

function standBack(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It runs as everything else does.
  }
}
