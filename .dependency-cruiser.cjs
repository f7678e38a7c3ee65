/** Constants that every folder may read, the browser's too. */
const GEOMETRY = '^src/stream/geometry\\.ts$';

/** Data flows one way: stream <- fbank <- model, native <- speakers <- scoring <- clustering, turns <- tracker <- identify, diarize <- server, cli. */
const upward = (from, to) => ({
  name: `no-upward-import-from-${from.replace(/\W+/g, '-')}`,
  severity: 'error',
  from: { path: `^src/${from}` },
  to: { path: to.map((t) => `^src/${t}`), pathNot: GEOMETRY },
});

/** From sound to an answer: each folder may import those before it. */
const rooms = [
  'stream',
  'fbank',
  'model',
  'native',
  'speakers',
  'scoring',
  'clustering',
  'turns',
  'tracker',
  'evaluate',
];
const fronts = ['identify', 'diariz', 'cli/', 'index'];

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'errors-is-a-leaf', severity: 'error', from: { path: '^src/errors' }, to: { path: '^src/' } },
    { name: 'geometry-is-a-leaf', severity: 'error', from: { path: GEOMETRY }, to: { path: '^src/' } },
    upward('options\\.ts', ['(?!errors\\.ts)']),
    upward('acoustics/', ['(?!acoustics/)']),
    ...rooms.map((room, i) =>
      upward(`${room}/`, [...rooms.slice(i + 1).map((next) => `${next}/`), ...fronts]),
    ),
    // Weights are read without the stages that sound goes through; measures know what was told, not how.
    upward('model/', ['stream/', 'fbank/']),
    upward('evaluate/', ['stream/', 'fbank/', 'native/']),
    upward('diariz', ['cli/', 'index', 'server/', 'client/', 'web/']),
    upward('identify', ['cli/', 'index', 'server/', 'client/', 'web/']),
    upward(`(${rooms.join('|')})/`, ['protocol/', 'server/', 'client/', 'web/', 'fleet/']),
    upward('server/', ['cli/', 'client/', 'web/', 'evaluate/']),
    {
      // The protocol is bundled into the browser's client: types from below at most, no package.
      name: 'protocol-is-a-leaf',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { pathNot: '^src/protocol/', dependencyTypesNot: ['type-only'] },
    },
    {
      // So is what keeps turns and writes them, but for its errors. Readers of foreign JSON are not: they check it.
      name: 'transcript-is-a-leaf',
      severity: 'error',
      from: { path: '^src/transcript/', pathNot: '^src/transcript/(read/|words/word-schema)' },
      to: { pathNot: ['^src/transcript/', '^src/errors', GEOMETRY], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-imports-protocol-and-rxjs',
      severity: 'error',
      from: { path: '^src/client/' },
      to: {
        pathNot: [
          '^src/client/',
          '^src/protocol/',
          '^src/transcript/',
          '^src/errors',
          GEOMETRY,
          '^node_modules/rxjs/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    // The fleet keeps what others hand it: it knows speakers and the protocol's shapes, no server.
    upward('fleet/', ['(?!fleet/|speakers/|protocol/|vectors|errors|options)']),
    {
      // NATS is optional: only the fleet may load it.
      name: 'nats-in-the-fleet-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/fleet/' },
      to: { path: '(^|node_modules/)@nats-io/' },
    },
    // The page works for a server, by its client, or without one, by the browser's own service.
    upward('web/', ['(?!web/|client/|browser/)']),
    upward('browser/', ['cli/', 'server/', 'web/', 'index']),
    // The browser's build stands on all of it; nothing else but the page is to know that it is there.
    upward('(?!browser/|web/)', ['browser/']),
    {
      name: 'no-orphan',
      severity: 'error',
      // The worklet and the page's service worker are loaded by their URLs.
      from: {
        orphan: true,
        path: '^src/',
        pathNot: ['\\.d\\.ts$', '^src/client/capture-worklet', '^src/web/offline'],
      },
      to: {},
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
