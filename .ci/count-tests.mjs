// node count-tests.mjs REPORT SUITE LIST: reads a JSON report of vitest, prints "PASSED BAD" (a skipped test is
// bad too) and appends to LIST the full name of each bad test, with the first line of why.
import { appendFileSync, readFileSync } from 'node:fs';

const [path, suite, list] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));
const lines = [];
for (const file of report.testResults) {
  const name = file.name.slice(file.name.lastIndexOf('/test/') + 1);
  const say = (status, test, message = '') => {
    const why = message.split('\n')[0].trim();
    lines.push([`${status}: ${suite}: ${name}${test}`, why].filter((part) => part !== '').join('\n    '));
  };
  const bad = file.assertionResults.filter(({ status }) => status !== 'passed');
  for (const { status, fullName, failureMessages = [] } of bad)
    say(status, ` > ${fullName}`, failureMessages[0]);
  // A file that could not be run at all has no tests to name.
  if (file.status === 'failed' && bad.length === 0) say('failed', '', file.message);
}
if (lines.length > 0) appendFileSync(list, `${lines.join('\n')}\n`);
console.log(
  report.numPassedTests,
  report.numFailedTests + report.numPendingTests + (report.numTodoTests ?? 0),
);
