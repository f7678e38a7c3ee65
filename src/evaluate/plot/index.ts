/** Plots as SVG text: lines, DET curves, timelines. */
export { detChart } from './det-chart.js';
export { lineChart, type Axis, type LineChart, type Series } from './line-chart.js';
export { timelineChart, type TimelineRow } from './timeline-chart.js';
