import { createRequire } from 'node:module';
import type * as Jetstream from '@nats-io/jetstream';
import type * as KeyValue from '@nats-io/kv';
import type * as Transport from '@nats-io/transport-node';
import { WhospeaksError } from '../errors.js';

/** NATS's own packages. They are optional: only whoever names a fleet needs them. */
export interface NatsPackages {
  readonly transport: typeof Transport;
  readonly jetstream: typeof Jetstream;
  readonly kv: typeof KeyValue;
}

const PACKAGES = '@nats-io/transport-node @nats-io/jetstream @nats-io/kv';

let loaded: NatsPackages | undefined;

/** @throws {WhospeaksError} `fleet-unavailable`, with the line that installs them */
export function loadNats(): NatsPackages {
  if (loaded !== undefined) return loaded;
  // Not `import`: a bundler would look for packages that most who bundle do not have.
  const load = createRequire(import.meta.url);
  try {
    loaded = {
      transport: load('@nats-io/transport-node') as typeof Transport,
      jetstream: load('@nats-io/jetstream') as typeof Jetstream,
      kv: load('@nats-io/kv') as typeof KeyValue,
    };
    return loaded;
  } catch (cause) {
    throw new WhospeaksError(
      'fleet-unavailable',
      `a fleet needs the packages of NATS, which are not installed; install them with: npm install ${PACKAGES}`,
      { cause },
    );
  }
}
