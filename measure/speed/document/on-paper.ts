/** Of a core's time, so that a burst finds room. */
const LOAD = 0.8;
const STREAMS = 10_000;

/** A row: what was measured, and the name under which its streams a core are kept. */
const ROWS: readonly (readonly [string, string])[] = [
  ['ResNet34', 'streams resnet34'],
  ['bundled model', 'streams bundled'],
].flatMap(([network, name]) =>
  [
    'whospeaks',
    'whospeaks, adaptive step to 1.5 s',
    'whospeaks int8',
    'whospeaks int8, adaptive step to 1.5 s',
  ].map(
    (form) =>
      [`${network}, ${form.replace(/^whospeaks,? ?/, '') || 'fp32'}`, `${name} a core: ${form}`] as const,
  ),
);

/** What many streams need, by multiplication from what one core carries; undefined where nothing of it was measured. */
export function onPaper(results: ReadonlyMap<string, number>): string | undefined {
  const rows = ROWS.flatMap(([what, name]) => {
    const streams = results.get(name);
    if (streams === undefined) return [];
    const cores = Math.ceil(STREAMS / (LOAD * streams));
    const thousand = Math.floor(1000 * LOAD * streams);
    return [
      `| ${what} | ${streams.toFixed(1)} | ${(3600 / streams).toFixed(0)} | ${cores} | ${thousand.toLocaleString('en')} |`,
    ];
  });
  if (rows.length === 0) return undefined;
  return [
    `Multiplied from the streams a core above, cores being ${100 * LOAD} % busy; embedding and tracking alone, without sockets. Who speaks of`,
    'very many is searched once a window: see below.',
    '',
    `| | streams a core | core seconds an hour of sound | cores for ${STREAMS.toLocaleString('en')} live streams | streams of a thousand cores |`,
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
