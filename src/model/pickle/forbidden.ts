/**
 * Names that have no business in a file of weights. Nothing that a pickle names is ever run, so this list
 * guards nobody; it is there to tell the user that the file meant harm.
 */
const MODULES = new Set([
  ...[
    'os',
    'posix',
    'nt',
    'sys',
    'subprocess',
    'pty',
    'socket',
    'shutil',
    'ctypes',
    '_ctypes',
    'multiprocessing',
  ],
  ...[
    'importlib',
    'imp',
    'runpy',
    'pickle',
    '_pickle',
    'marshal',
    'code',
    'codeop',
    'bdb',
    'pdb',
    'trace',
    'timeit',
  ],
  ...[
    'webbrowser',
    'urllib',
    'http',
    'requests',
    'ftplib',
    'smtplib',
    'asyncio',
    'signal',
    'pip',
    'commands',
  ],
  ...['tempfile', 'ensurepip', 'distutils', 'setuptools', 'doctest', 'pydoc', 'cProfile', 'profile'],
]);

const BUILTINS = new Set([
  ...['eval', 'exec', 'execfile', 'compile', 'open', 'input', 'breakpoint', '__import__', 'apply'],
  ...['globals', 'locals', 'vars', 'setattr', 'delattr', 'memoryview', 'help', 'exit', 'quit'],
]);

/** Whether a global is one that only an attack would name. */
export function isForbidden(module: string, name: string): boolean {
  const top = module.split('.')[0]!;
  if (top === 'builtins' || top === '__builtin__' || top === '__builtins__')
    return BUILTINS.has(name.split('.')[0]!);
  return MODULES.has(top) || /(?:^|\.)(?:__globals__|__subclasses__|__builtins__)(?:\.|$)/.test(name);
}
