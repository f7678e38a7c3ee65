import { detPoints, equalErrorRate, normalDeviate, type Trials } from '../detection.js';
import { lineChart, type Axis } from './line-chart.js';

const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4] as const;

/** A DET plot of one or more sets of trials as an SVG file: miss over false-alarm rate on normal-deviate axes. */
export function detChart(
  title: string,
  systems: readonly { readonly name: string; readonly trials: Trials }[],
): string {
  const axis = (label: string): Axis => ({
    label,
    low: normalDeviate(RATES[0]),
    high: normalDeviate(0.5),
    ticks: RATES.map((rate) => ({ at: normalDeviate(rate), label: `${Number((100 * rate).toFixed(2))} %` })),
  });
  return lineChart({
    title,
    x: axis('false-alarm rate'),
    y: axis('miss rate'),
    series: systems.map(({ name, trials }) => ({
      name: `${name}, EER ${(100 * equalErrorRate(trials).rate).toFixed(2)} %`,
      points: detPoints(trials).map(({ x, y }) => [x, y] as const),
    })),
  });
}
