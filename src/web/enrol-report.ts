import type { EnrollmentReport } from '../client/index.js';
import { byId, element } from './dom.js';
import { length } from './format.js';

/** What the server measured of a recording to enrol from, a line a figure; what it advises is told in words. */
export class EnrolReport {
  private readonly list = byId('enrol-report', HTMLDListElement);

  show(report: EnrollmentReport): void {
    const rows = figures(report).map(([what, value]) =>
      element('div', {}, element('dt', { text: what }), element('dd', { text: value })),
    );
    this.list.replaceChildren(...rows);
    this.list.hidden = false;
  }

  clear(): void {
    this.list.hidden = true;
    this.list.replaceChildren();
  }
}

function figures(report: EnrollmentReport): [what: string, value: string][] {
  const { speechSeconds, signalToNoiseDb, clippedShare, consistency, secondVoiceShare, closest } = report;
  return [
    ['Speech', length(speechSeconds)],
    [
      'Above the noise',
      signalToNoiseDb === undefined ? 'no pause to tell by' : `${signalToNoiseDb.toFixed(0)} dB`,
    ],
    ['Clipped', `${(100 * clippedShare).toFixed(1)} %`],
    ['Alike throughout', alike(consistency)],
    ['A second voice', secondVoiceShare === 0 ? 'none' : `${(100 * secondVoiceShare).toFixed(0)} %`],
    [
      'Most like',
      closest === undefined
        ? 'nobody enrolled'
        : `${closest.name} (${Math.round(100 * closest.probability)} %)`,
    ],
  ];
}

/** How alike the windows of the recording sound, in a word: their mean cosine says nothing to people. */
function alike(consistency: number): string {
  return consistency >= 0.7 ? 'well' : consistency >= 0.5 ? 'fairly' : 'hardly';
}
