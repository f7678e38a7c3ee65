import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { speakers } from '../../src/client/index.js';
import { PROVIDER_PATHS } from '../../src/server/telephony/provider-route.js';
import { builtProgram } from '../built-program.js';
import { ROOT } from '../helpers.js';
import { meetingOnThePhone } from '../server/telephony/call-sound.js';
import { FakeProvider } from '../server/telephony/fake-provider.js';
import { voicePart } from '../server/voice-part.js';

const EXAMPLE = `${ROOT}examples/telephony`;
const AUTH_TOKEN = 'of-the-account';

/** A program that runs as long as the test; its lines as they come. */
function running(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = ROOT): Running {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    child,
    lines,
    line: async (pattern) => {
      await expect.poll(() => lines.find((line) => pattern.test(line)), { timeout: 60_000 }).toBeDefined();
      return pattern.exec(lines.find((line) => pattern.test(line))!)!;
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

it('the example of telephone calls: from the TwiML to the webhook', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-example-'));
  const npx = join(folder, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${ROOT}dist/cli/main.js" "$@"\n`);
  chmodSync(npx, 0o755);
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    WHOSPEAKS_HOME: join(folder, 'home'),
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  };
  // The receiver needs the secret that the command makes; so a first start, which ends at a setting that there is not.
  const first = running('sh', [`${EXAMPLE}/serve.sh`, '--port', 'x'], env, folder);
  const [, token] = await first.line(/(wsp_[\w-]+)/);
  await new Promise((resolve) => first.child.once('close', resolve));

  const receiver = running(
    process.execPath,
    [await builtProgram('examples/telephony/receiver.ts'), join(folder, 'webhook-secret')],
    { PORT: '0' },
  );
  const [webhook] = await receiver.line(/http:\/\/127\.0\.0\.1:\d+\/calls/);
  const server = running(
    'sh',
    [`${EXAMPLE}/serve.sh`, '--port', '0', '--log-format', 'json'],
    { ...env, WEBHOOK_URL: webhook },
    folder,
  );
  const [url] = await server.line(/http:\/\/127\.0\.0\.1:\d+/);
  await server.line(/"ready"/);

  await speakers({ url, token: token! }).enroll('alice', voicePart('alice', 8));
  const reply = await fetch(`${url}/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { ticket } = (await reply.json()) as { ticket: string };
  // What Twilio makes of the TwiML.
  const twiml = readFileSync(`${EXAMPLE}/stream.xml`, 'utf8').replace('TICKET" />', `${ticket}" />`);
  const streamUrl = /<Stream url="([^"]+)"/.exec(twiml)![1]!;
  expect(new URL(streamUrl).pathname).toBe(PROVIDER_PATHS.twilio);
  const parameters = Object.fromEntries(
    [...twiml.matchAll(/<Parameter name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name!, value!]),
  );
  const signature = createHmac('sha1', AUTH_TOKEN).update(streamUrl).digest('base64');
  const phone = await FakeProvider.play({
    port: Number(new URL(url).port),
    headers: { 'x-twilio-signature': signature },
    parameters,
    sound: { inbound: meetingOnThePhone(10.5, 15.2), outbound: new Float32Array(8000) },
    speed: 4,
  });
  expect(await phone.closed).toEqual({ code: 1000, reason: 'done' });
  await receiver.line(new RegExp(`^${phone.call} ended`));
  expect(receiver.lines.find((line) => line.startsWith(`${phone.call} inbound: alice, `))).toBeDefined();
}, 120_000);
