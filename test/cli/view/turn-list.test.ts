import { expect, test } from 'vitest';
import { LinePrinter, type Printer, type Write } from '../../../src/cli/view/printer.js';
import { ListPrinter } from '../../../src/cli/view/turn-list.js';
import { correction, final, named, span, tentative } from '../events.js';

function printed(make: (write: Write) => Printer): string[] {
  const lines: string[] = [];
  const printer = make((text) => lines.push(text));
  const first = final(0, 'unknown', 1, 3);
  printer.event(tentative(0, 'alice', 1, 2));
  printer.event(first);
  printer.event(final(1, 'alice', 4, 10, 0.97));
  printer.event(correction(first, 'unknown-1'));
  printer.event({ ...final(2, 'unknown-1', 11, 12.5), overlaps: [{ ...span(11, 11.5), other: 'alice' }] });
  printer.event(named('unknown-1', 'Dana', 12));
  printer.event({ ...correction({ ...first, speaker: 'unknown-1' }, 'Dana'), revision: 4 });
  printer.event({ type: 'end', endSample: 13 * 16_000 });
  const before = lines.length;
  printer.close();
  return [String(before), ...lines];
}

test('a recording is told as a list: each turn once, as it is called in the end, and who talked for how long', () => {
  expect(printed((write) => new ListPrinter(true, write))).toEqual([
    '0',
    '00:01.0 - 00:03.0  Dana  80 %\n' +
      '00:04.0 - 00:10.0  alice  97 %\n' +
      '00:11.0 - 00:12.5  unknown-1  90 %  overlap 0.5 s\n' +
      '\ntalk time\n' +
      '  alice      00:06.5   65 %\n' +
      '  Dana       00:02.0   20 %\n' +
      '  unknown-1  00:01.5   15 %\n',
  ]);
});

test('nobody heard is nothing printed', () => {
  const lines: string[] = [];
  new ListPrinter(true, (text) => lines.push(text)).close();
  expect(lines).toEqual([]);
});

test('a live source is told turn by turn, and corrected later; a name makes probabilities worth showing', () => {
  expect(printed((write) => new LinePrinter(false, write))).toEqual([
    '5',
    '00:01.0 - 00:03.0  unknown\n',
    '00:04.0 - 00:10.0  alice\n',
    '00:01.0 - 00:03.0  unknown-1, not unknown\n',
    '00:11.0 - 00:12.5  unknown-1  overlap 0.5 s\n',
    '00:01.0 - 00:03.0  Dana  80 %, not unknown-1\n',
  ]);
});
