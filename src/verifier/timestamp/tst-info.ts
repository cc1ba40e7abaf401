import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { contextConstructed, contextPrimitive, type DerReader, openDer, TAG } from '../x509/der.ts';
import { booleanValue, integerOctets, nullValue, oidValue, smallInteger } from '../x509/der-values.ts';
import { parseExtensions } from '../x509/extensions.ts';
import { type GeneralName, parseGeneralName } from '../x509/general-name.ts';

/** TSTInfo (RFC 3161 section 2.4.2), parsed and not yet verified. */
export interface TstInfo {
  readonly policy: string;
  /** Dotted OID of the hash of the message imprint. */
  readonly hash: string;
  readonly imprint: Uint8Array;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly genTime: EpochMillis;
  /** Milliseconds around genTime within which it was, rounded up; 0 when the TSA says nothing. */
  readonly accuracy: number;
  /** Content octets of the INTEGER. */
  readonly nonce?: Uint8Array;
  readonly tsa?: GeneralName;
}

/** @throws JitsuinError `der.invalid`, `der.limit` */
export function parseTstInfo(der: Uint8Array): TstInfo {
  const info = openDer(der, TAG.sequence);
  if (smallInteger(info.read(TAG.integer)) !== 1) throw info.invalid('TSTInfo version');
  const policy = oidValue(info.read(TAG.oid));
  const messageImprint = info.read(TAG.sequence);
  const hash = readHash(messageImprint.read(TAG.sequence));
  const imprint = messageImprint.read(TAG.octetString).content;
  messageImprint.finish();
  const serialNumber = integerOctets(info.read(TAG.integer));
  const genTime = fractionalTime(info.read(TAG.generalizedTime));
  const accuracy = readAccuracy(info.optional(TAG.sequence));
  const ordering = info.optional(TAG.boolean);
  if (ordering !== undefined && !booleanValue(ordering)) throw ordering.invalid('DEFAULT encoded');
  const nonce = info.optional(TAG.integer);
  const wrapped = info.optional(contextConstructed(0));
  const tsa = wrapped === undefined ? undefined : parseGeneralName(wrapped);
  wrapped?.finish();
  refuseExtensions(info);
  info.finish();
  return defined({
    policy,
    hash,
    imprint,
    serialNumber,
    genTime,
    accuracy,
    nonce: nonce === undefined ? undefined : integerOctets(nonce),
    tsa,
  });
}

/** AlgorithmIdentifier of a hash: parameters absent or NULL (RFC 5754 section 2). */
export function readHash(algorithm: DerReader): string {
  const oid = oidValue(algorithm.read(TAG.oid));
  if (!algorithm.exhausted) nullValue(algorithm.read(TAG.null));
  algorithm.finish();
  return oid;
}

/** GeneralizedTime with an optional fraction that has no trailing zero (RFC 3161 section 2.4.2). */
function fractionalTime(element: DerReader): EpochMillis {
  const text = Buffer.from(element.content).toString('latin1');
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,8}[1-9]))?Z$/.exec(text);
  if (found === null) throw element.invalid('time');
  const [, year, month, day, hour, minute, second, fraction = ''] = found;
  const whole = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const millis = Date.parse(`${whole}Z`);
  const same = Number.isFinite(millis) && new Date(millis).toISOString().startsWith(whole);
  if (!same) throw element.invalid('time');
  return (millis + Number(fraction.padEnd(3, '0').slice(0, 3))) as EpochMillis;
}

function readAccuracy(sequence: DerReader | undefined): number {
  if (sequence === undefined) return 0;
  const seconds = sequence.optional(TAG.integer);
  const millis = sequence.optional(contextPrimitive(0));
  const micros = sequence.optional(contextPrimitive(1));
  sequence.finish();
  const value = (part: DerReader | undefined) => (part === undefined ? 0 : smallInteger(part));
  return value(seconds) * 1000 + value(millis) + Math.ceil(value(micros) / 1000);
}

/** No extension of TSTInfo is known here, so a critical one makes the token unusable. */
function refuseExtensions(info: DerReader): void {
  const extensions = info.optional(contextConstructed(1));
  if (extensions === undefined) return;
  const critical = parseExtensions(extensions).some((extension) => extension.critical);
  if (critical) throw extensions.invalid('critical extension of TSTInfo');
}
