import type { GeneralName } from './general-name.ts';

/** Whether a name lies in the subtree of a constraint of the same type; `malformed` when one of them cannot be read. */
type SubtreeMatch = 'inside' | 'outside' | 'malformed';

/**
 * Matches one name with one constraint of the same type (RFC 5280 section 4.2.1.10).
 * @param side `excluded` reads a wildcard name as every name it could stand for
 */
export function matchSubtree(
  name: GeneralName,
  base: GeneralName,
  side: 'permitted' | 'excluded',
): SubtreeMatch {
  if (name.type === 'directoryName' && base.type === 'directoryName')
    return inside(name.name.within(base.name));
  if (name.type === 'dNSName' && base.type === 'dNSName') return matchDns(name.text, base.text, side);
  if (name.type === 'rfc822Name' && base.type === 'rfc822Name') return matchEmail(name.text, base.text);
  if (name.type === 'uniformResourceIdentifier' && base.type === 'uniformResourceIdentifier') {
    return matchUri(name.text, base.text);
  }
  if (name.type === 'iPAddress' && base.type === 'iPAddress') return matchIp(name.octets, base.octets);
  return 'malformed'; // otherName, x400Address, ediPartyName, registeredID: constraints on them are not supported
}

const inside = (condition: boolean): SubtreeMatch => (condition ? 'inside' : 'outside');

const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Whether a text is a host name of at most 253 characters in the preferred syntax (underscore tolerated). */
export function isHostName(text: string): boolean {
  return text.length <= 253 && HOST.test(text);
}

function matchDns(name: string, base: string, side: 'permitted' | 'excluded'): SubtreeMatch {
  const wildcard = name.startsWith('*.');
  const host = (wildcard ? name.slice(2) : name).toLowerCase();
  const subtree = base.toLowerCase();
  if (!isHostName(host) || (subtree !== '' && !isHostName(subtree))) return 'malformed';
  if (isSubdomain(host, subtree)) return 'inside';
  const couldStandFor = wildcard && side === 'excluded' && isSubdomain(subtree, host);
  return inside(couldStandFor);
}

/** Adding labels to the left of the base gives a name inside; the empty base holds every name. */
function isSubdomain(host: string, base: string): boolean {
  return base === '' || host === base || host.endsWith(`.${base}`);
}

/** A mailbox, a host (all mailboxes there) or a domain with a leading period (all mailboxes on hosts in it). */
function matchEmail(name: string, base: string): SubtreeMatch {
  const mailbox = splitMailbox(name);
  if (mailbox === undefined) return 'malformed';
  if (base.includes('@')) {
    const wanted = splitMailbox(base);
    if (wanted === undefined) return 'malformed';
    return inside(wanted.local === mailbox.local && wanted.host === mailbox.host);
  }
  return matchHost(mailbox.host, base.toLowerCase());
}

function splitMailbox(text: string): { readonly local: string; readonly host: string } | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const host = text.slice(at + 1).toLowerCase();
  if (at < 1 || /[\s"@<>]/.test(local) || !isHostName(host)) return undefined;
  return { local, host };
}

/** `host` is one host, `.domain` every host in the domain but not the domain itself. */
function matchHost(host: string, base: string): SubtreeMatch {
  if (base === '') return 'inside';
  if (!isHostName(base.startsWith('.') ? base.slice(1) : base)) return 'malformed';
  return inside(base.startsWith('.') ? host.endsWith(base) : host === base);
}

const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@[\]]+)(?::[0-9]*)?(?:[/?#]|$)/;

/** Only the host part counts; a URI without a host name cannot be judged. */
function matchUri(name: string, base: string): SubtreeMatch {
  const host = AUTHORITY.exec(name)?.[1]?.toLowerCase();
  if (host === undefined || !isHostName(host) || /^[0-9.]+$/.test(host)) return 'malformed';
  return matchHost(host, base.toLowerCase());
}

/** Address and mask of the same family, the mask contiguous (RFC 4632). */
function matchIp(address: Uint8Array, base: Uint8Array): SubtreeMatch {
  const size = address.length;
  const sizesKnown = (size === 4 || size === 16) && (base.length === 8 || base.length === 32);
  if (!sizesKnown || !isContiguousMask(base.subarray(base.length / 2))) return 'malformed';
  if (base.length !== size * 2) return 'outside';
  return inside(
    address.every((octet, index) => ((octet ^ (base[index] ?? 0)) & (base[size + index] ?? 0)) === 0),
  );
}

function isContiguousMask(mask: Uint8Array): boolean {
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
}
