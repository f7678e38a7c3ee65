/**
 * A webhook for the events of calls: checks the signature, and prints who speaks.
 *
 *   npx tsx examples/telephony/receiver.ts webhook-secret
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';

interface CallMessage {
  readonly type: string;
  readonly id: number;
  readonly call: string;
  readonly track?: string;
  readonly event?: {
    readonly type: string;
    readonly speaker?: string;
    readonly start?: number;
    readonly end?: number;
  };
}

const secret = readFileSync(process.argv[2] ?? 'webhook-secret', 'utf8').trim();
const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
/** Older requests are not taken, so that nobody can send one again later. */
const MAX_AGE_SECONDS = 300;

function isSigned(headers: IncomingHttpHeaders, body: string): boolean {
  const [id = '', time = '', given = ''] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  const expected = Buffer.from(
    `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`,
  );
  const signature = Buffer.from(given);
  const isRight = signature.length === expected.length && timingSafeEqual(signature, expected);
  return isRight && Math.abs(Date.now() / 1000 - Number(time)) < MAX_AGE_SECONDS;
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.on('end', () => {
    if (!isSigned(request.headers, body)) {
      response.writeHead(401).end();
      return;
    }
    for (const { call, track, type, event } of (JSON.parse(body) as { messages: CallMessage[] }).messages) {
      if (event?.type === 'final')
        console.log(
          `${call} ${track}: ${event.speaker}, ${event.start?.toFixed(1)} to ${event.end?.toFixed(1)} s`,
        );
      else if (type === 'started' || type === 'ended') console.log(`${call} ${type}`);
    }
    response.writeHead(204).end();
  });
});
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}/calls`);
});
