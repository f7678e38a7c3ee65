import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import type { ServerConfig } from './config.js';

/** Whether the log is text for people. */
export function isTextLog(format: ServerConfig['logFormat'], isTerminal = process.stdout.isTTY): boolean {
  return format === 'text' || (format === 'auto' && isTerminal);
}

/** The level at which the start is logged: a person is told of it by the command line. */
export function startLevel(format: ServerConfig['logFormat']): 'info' | 'debug' {
  return isTextLog(format) ? 'debug' : 'info';
}

/** The service's log on standard output: JSON lines, or text for people. */
export function makeLogger({ logLevel: level, logFormat }: ServerConfig): Logger {
  return isTextLog(logFormat)
    ? pino({ level, base: null }, textLines(process.stdout))
    : pino({ level, base: null });
}

/** Takes JSON lines and writes each as `12:03:44 warning: message (key value, ...)`. */
export function textLines(out: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      out.write(`${textLine(JSON.parse(line) as LogLine)}\n`);
      done();
    },
  });
}

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [key: string]: unknown;
}

function textLine({ level, time, msg = '', ...fields }: LogLine): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const kind = level >= 50 ? 'error: ' : level >= 40 ? 'warning: ' : '';
  const told = Object.entries(fields).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const line = `${clock} ${kind}${msg}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
  // A client's words must not reach the terminal's controls.
  return line.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
