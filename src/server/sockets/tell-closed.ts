import type { Logger } from 'pino';
import { isWhospeaksError } from '../../errors.js';
import type { CloseCode } from '../../protocol/index.js';
import type { Principal } from '../access/principal.js';
import { faultOf } from '../fault.js';
import type { ServerMetrics } from '../metrics.js';

/** Count and log a connection that the server ended; `principal`: null where it had not said who it is. */
export function tellClosed(
  { metrics, logger }: { readonly metrics: ServerMetrics; readonly logger: Logger },
  principal: Principal | null,
  close: CloseCode,
  error: unknown,
): void {
  const known = isWhospeaksError(error) ? error : null;
  if (principal !== null) metrics.closes.inc({ group: principal.group, code: String(close) });
  else if (known !== null) metrics.refusals.inc({ code: known.code });
  const why = known === null ? { err: faultOf(error) } : { code: known.code };
  logger[known === null ? 'error' : 'info']({ ...why, close, token: principal?.tokenId }, 'connection ended');
}
