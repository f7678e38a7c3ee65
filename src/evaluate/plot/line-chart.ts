import { colourOf, document, element, text } from './svg.js';

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 52;
const LEGEND_LINE = 18;

export interface Axis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** Where a line and a number are; default about five round ones. */
  readonly ticks?: readonly { readonly at: number; readonly label: string }[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Draw the points, their line, or (default) the line. */
  readonly marks?: 'line' | 'points' | 'both';
  readonly dashed?: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** A chart of lines or points as an SVG file. What lies outside the axes is cut off; points that are not finite are left out. */
export function lineChart({ title, x, y, series }: LineChart): string {
  const height = HEIGHT + 8 + LEGEND_LINE * series.length;
  const across = (value: number): number =>
    LEFT + ((value - x.low) / (x.high - x.low)) * (WIDTH - LEFT - RIGHT);
  const down = (value: number): number =>
    HEIGHT - BOTTOM - ((value - y.low) / (y.high - y.low)) * (HEIGHT - TOP - BOTTOM);
  const grid = [
    ...(x.ticks ?? ticksOf(x)).flatMap(({ at, label }) => [
      element('line', { x1: across(at), x2: across(at), y1: TOP, y2: HEIGHT - BOTTOM, stroke: '#dddddd' }),
      text(across(at), HEIGHT - BOTTOM + 16, label, { 'text-anchor': 'middle' }),
    ]),
    ...(y.ticks ?? ticksOf(y)).flatMap(({ at, label }) => [
      element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: down(at), y2: down(at), stroke: '#dddddd' }),
      text(LEFT - 6, down(at) + 4, label, { 'text-anchor': 'end' }),
    ]),
  ];
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  const labels = [
    text(LEFT, 22, title, { 'font-size': 15, 'font-weight': 600 }),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x.label, { 'text-anchor': 'middle' }),
    text(16, middle, y.label, { 'text-anchor': 'middle', transform: `rotate(-90 16 ${middle})` }),
  ];
  const clip = element(
    'clipPath',
    { id: 'inside' },
    element('rect', { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }),
  );
  const drawn = series.map((one, i) => {
    const at = one.points
      .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
      .map(([px, py]) => [across(px), down(py)] as const);
    return drawSeries(one, at, colourOf(i));
  });
  const legend = series.flatMap((one, i) => {
    const at = HEIGHT + 8 + LEGEND_LINE * i;
    const dash = one.dashed ? { 'stroke-dasharray': '5 4' } : {};
    return [
      element('line', {
        x1: LEFT,
        x2: LEFT + 24,
        y1: at - 4,
        y2: at - 4,
        stroke: colourOf(i),
        'stroke-width': 2,
        ...dash,
      }),
      text(LEFT + 32, at, one.name),
    ];
  });
  const frame = element('rect', {
    x: LEFT,
    y: TOP,
    width: WIDTH - LEFT - RIGHT,
    height: HEIGHT - TOP - BOTTOM,
    fill: 'none',
    stroke: '#888888',
  });
  return document(WIDTH, height, title, [
    clip,
    ...grid,
    element('g', { 'clip-path': 'url(#inside)' }, drawn.join('')),
    frame,
    ...labels,
    ...legend,
  ]);
}

function drawSeries(
  { marks = 'line', dashed }: Series,
  at: readonly (readonly [number, number])[],
  colour: string,
): string {
  const points = at.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const dash = dashed ? { 'stroke-dasharray': '5 4' } : {};
  const line =
    marks === 'points' || at.length === 0
      ? ''
      : element('polyline', { points, fill: 'none', stroke: colour, 'stroke-width': 2, ...dash });
  const dots =
    marks === 'line' ? [] : at.map(([cx, cy]) => element('circle', { cx, cy, r: 3.5, fill: colour }));
  return line + dots.join('');
}

/** About five round numbers from low to high. */
function ticksOf({ low, high }: Axis): { at: number; label: string }[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((m) => m * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: count }, (_, i) => {
    const at = (first + i) * step;
    return { at, label: at.toFixed(digits) };
  });
}
