import { goalsTable } from '../goals.js';
import { grouped, type Sections } from './kept.js';
import { onPaper } from './on-paper.js';

/** The section before which streams are multiplied. */
const BEFORE_PAPER = 'Around the network';

/** docs/benchmarks.md, whole; `notes` are Markdown. Give sections of which `whyNoDocument` says nothing. */
export function benchmarksDocument(sections: Sections, notes: string): string {
  const { weights, isQuick } = [...sections.values()][0]!.stamp;
  const paper = onPaper(allResults(sections));
  const parts = [...sections].flatMap(([title, { output }]) => [
    ...(title === BEFORE_PAPER && paper !== undefined ? [`## Many streams, on paper\n\n${paper}\n`] : []),
    `## ${title}\n\n${output}\n`,
  ]);
  const head = `# Benchmarks

Written by \`npm run bench\`. All runtimes take turns in one process, so that other load meets all of them. Shares and
ratios are medians over rounds. The network is ResNet34 in fp32 on one thread unless stated.${isQuick ? ' **A quick run: of few repeats.**' : ''}

${stampsTable(sections)}

Fingerprint of all weights: \`${weights}\`.

## Goals

${goalsTable(allResults(sections))}

${notes.trim()}

![Live streams a core](benchmarks.svg)
`;
  return [head, ...parts].join('\n');
}

export const allResults = (sections: Sections): Map<string, number> =>
  new Map([...sections.values()].flatMap(({ results }) => Object.entries(results)));

/** A row for each commit, day and machine. */
function stampsTable(sections: Sections): string {
  const groups = grouped(sections, ({ commit, day, machine }) => `${commit} | ${day} | ${machine}`);
  const rows = [...groups].map(([stamp, titles]) => {
    const load = Math.max(...titles.map((title) => sections.get(title)!.load));
    const which = groups.size === 1 ? 'all' : titles.join('; ');
    return `| ${which} | ${stamp} | ${load.toFixed(1)} |`;
  });
  return [
    '| sections | commit | day | machine | load average, at most |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
