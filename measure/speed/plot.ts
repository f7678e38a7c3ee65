export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn in the accent colour. */
  readonly isOurs: boolean;
}

const WIDTH = 720;
const LABEL = 260;
const ROW = 30;
const TOP = 44;

/** A horizontal bar chart as SVG, longer is better; readable on light and dark pages. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const height = TOP + bars.length * ROW + 12;
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - LABEL - 70) / most;
  const rows = bars.map(({ name, value, isOurs }, i) => {
    const y = TOP + i * ROW;
    const length = Math.max(1, value * scale).toFixed(1);
    const end = (LABEL + value * scale + 8).toFixed(1);
    return [
      `<text x="${LABEL - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${length}" height="20" rx="3" fill="${isOurs ? '#2f81f7' : '#8b949e'}"/>`,
      `<text x="${end}" y="${y + 15}">${value.toFixed(1)}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" fill="#7d8590" role="img">
<title>${escape(title)}</title>
<text x="${LABEL}" y="24" font-size="15" font-weight="bold">${escape(title)}</text>
${rows.join('\n')}
</svg>
`;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
