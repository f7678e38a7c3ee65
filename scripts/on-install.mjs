// npm runs this when the package is installed. A package builds the addon, so that `import 'whospeaks'` works at once;
// a git clone does not, there `npm run build` does.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

if (!existsSync(fileURLToPath(new URL('../.git', import.meta.url)))) await import('./build-addon.mjs');
