const PCHAR = String.raw`(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})`;
const USER = String.raw`(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*`;
const NAME = String.raw`(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*`;
const LITERAL = String.raw`\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]`;
const AUTHORITY = `//(?:${USER}@)?(?:${LITERAL}|${NAME})(?::([0-9]+))?(?=[/?#]|$)`;
const TAIL = String.raw`(?:\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?`;
const ABSOLUTE = new RegExp(
  String.raw`^[A-Za-z][A-Za-z0-9+\-.]*:(?:${AUTHORITY}|(?!//))(?:${PCHAR}|/)*${TAIL}$`,
);

/** libxml2 keeps a port in 31 bits. */
const LARGEST_PORT = 0x7fff_ffff;

/**
 * Whether a namespace name is a URI of RFC 3986 with a scheme, which libxml2 takes as well: it knows no port without
 * digits (which section 3.2.3 allows), and none above 2^31 - 1.
 */
export function isAbsoluteUri(name: string): boolean {
  const found = ABSOLUTE.exec(name);
  return found !== null && (found[1] === undefined || portWithin(found[1]));
}

function portWithin(digits: string): boolean {
  const significant = digits.replace(/^0+/, '');
  return significant.length <= 10 && Number(significant) <= LARGEST_PORT;
}
