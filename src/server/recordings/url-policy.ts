import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WhospeaksError } from '../../errors.js';

/** Of an entry that allows every public https address. */
export const PUBLIC = 'public';

type Resolve = (
  name: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What a name is told to be: the connection goes to these addresses, and to none that was not looked at. */
export interface Route {
  readonly lookup?: LookupFunction;
}

/**
 * Where this server goes because a client says so: to origins that are listed (`http://10.0.0.5:8080`), whatever is there, and with
 * `public` to every https address on port 443 that is a public one. Nowhere else: it may reach what its clients may not.
 */
export class UrlPolicy {
  readonly #origins: ReadonlySet<string>;
  readonly #isPublicAllowed: boolean;

  /** @param refusal what is said of every other address */
  constructor(
    entries: readonly string[],
    private readonly resolve: Resolve = resolveName,
    private readonly refusal = 'this server fetches no recording from that address; its operator can allow it with "recordingUrls"',
  ) {
    this.#isPublicAllowed = entries.includes(PUBLIC);
    this.#origins = new Set(
      entries.filter((entry) => entry !== PUBLIC).map((entry) => new URL(entry).origin),
    );
  }

  /** How to get there; ask again at each redirect. @throws {WhospeaksError} `server-forbidden` */
  route(url: URL): Route {
    if (this.#origins.has(url.origin)) return {};
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isGood = url.protocol === 'https:' && url.port === '' && (isIP(host) === 0 || isPublic(host));
    if (!this.#isPublicAllowed || !isGood) throw this.#forbidden();
    return { lookup: this.#lookup };
  }

  /** As `dns.lookup`; a name that has a private address too is refused. */
  readonly #lookup: LookupFunction = (name, { all }, done) => {
    this.resolve(name, { all: true }, (error, addresses) => {
      // With an error there are no addresses.
      if (error !== null) {
        done(error, '');
        return;
      }
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublic(address)))
        done(this.#forbidden(), '');
      else if (all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };

  #forbidden(): WhospeaksError {
    return new WhospeaksError('server-forbidden', this.refusal);
  }
}

/** The special-purpose addresses of IANA's registries, and multicast. */
const SPECIAL_4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24'],
  ...['192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
const SPECIAL_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const special = new BlockList();
const global6 = new BlockList();
for (const [family, nets] of [
  ['ipv4', SPECIAL_4],
  ['ipv6', SPECIAL_6],
] as const) {
  for (const net of nets) {
    const [address, bits] = net.split('/');
    special.addSubnet(address!, Number(bits), family);
  }
}
// All that is given to anybody: no loopback, link-local, private, mapped or translated IPv4 address is in it.
global6.addSubnet('2000::', 3, 'ipv6');

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
