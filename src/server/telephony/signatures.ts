import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AccessRefusal } from '../access/refusal.js';

/** The headers of a request to a webhook, as Standard Webhooks has them (standardwebhooks.com): HMAC-SHA256 of id, time and body. */
export function webhookHeaders(
  key: Buffer,
  id: string,
  atSeconds: number,
  body: string,
): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', key).update(`${id}.${atSeconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(atSeconds),
    'webhook-signature': `v1,${signature}`,
  };
}

/**
 * Twilio signs the address that it connects to with the account's auth token, in `X-Twilio-Signature`: HMAC-SHA1 in base64. The
 * address may have its port or not, and a slash at the end or not.
 * @param url address of the route as Twilio has it
 * @throws {WhospeaksError} `server-unauthorized`
 */
export function assertTwilioSignature(authToken: string, url: URL, headers: IncomingHttpHeaders): void {
  const given = Buffer.from(String(headers['x-twilio-signature'] ?? ''));
  const isSigned = waysToWrite(url).some((text) => {
    const expected = Buffer.from(createHmac('sha1', authToken).update(text).digest('base64'));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (isSigned) return;
  throw new AccessRefusal('server-unauthorized', 'this address takes calls that Twilio has signed', {
    reason:
      given.length === 0
        ? 'a call came without X-Twilio-Signature'
        : 'X-Twilio-Signature does not fit publicUrl',
  });
}

function waysToWrite({ hostname, port, pathname }: URL): string[] {
  const hosts = port === '' ? [hostname, `${hostname}:443`] : [`${hostname}:${port}`, hostname];
  return hosts.flatMap((host) => [`wss://${host}${pathname}`, `wss://${host}${pathname}/`]);
}
