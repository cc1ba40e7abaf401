import { createHash } from 'node:crypto';

import {
  CERT_ID_HASHES,
  type CertIdHash,
  certIdHash,
} from '../../../src/verifier/revocation/ocsp-request.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { EXTENSION, KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import {
  contextConstructed,
  contextPrimitive,
  encodeDer,
  encodeOid,
  enumerated,
  generalizedTime,
  generalName,
  integer,
  nullElement,
  octetString,
  sequence,
  time,
} from './der-encode.ts';
import { extension, extensions, type ScopeSpec } from './extension-encode.ts';
import {
  algorithmIdentifier,
  issueCertificate,
  keyBits,
  signed,
  TEST_NOW,
  type TestHash,
  type TestIdentity,
  type TestKey,
  testKey,
} from './test-pki.ts';

const HOUR = 3_600_000;

export interface TestCrlEntry {
  /** A certificate, or content octets or number of a serial. */
  readonly serial: Uint8Array | number;
  /** An instant, or DER of what stands in its place. */
  readonly revokedAt?: number | Uint8Array;
  /** CRLReason number. */
  readonly reason?: number;
  /** DER Name: certificateIssuer of an indirect CRL. */
  readonly certificateIssuer?: Uint8Array;
  readonly moreExtensions?: readonly Uint8Array[];
}

export interface TestCrlSpec {
  readonly issuer: TestIdentity;
  readonly entries?: readonly TestCrlEntry[];
  readonly number?: number;
  /** BaseCRLNumber: makes a delta CRL. */
  readonly base?: number;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | 'absent';
  readonly scope?: ScopeSpec;
  readonly moreExtensions?: readonly Uint8Array[];
  readonly hash?: TestHash;
  /** `none`: without cRLNumber. */
  readonly crlNumber?: 'present' | 'none' | 'critical';
}

/** DER of a CRL. */
export function testCrl(spec: TestCrlSpec): Uint8Array {
  const { issuer, entries = [], number = 1, hash, crlNumber = 'present' } = spec;
  const thisUpdate = spec.thisUpdate ?? TEST_NOW - HOUR;
  const nextUpdate = spec.nextUpdate ?? thisUpdate + 24 * HOUR;
  const all = [
    extensions.authorityKeyIdentifier(issuer.key.identifier),
    ...(crlNumber === 'none'
      ? []
      : [extension(EXTENSION.cRLNumber, integer(number), crlNumber === 'critical')]),
    ...(spec.base === undefined ? [] : [extension(EXTENSION.deltaCRLIndicator, integer(spec.base), true)]),
    ...(spec.scope === undefined ? [] : [extensions.issuingDistributionPoint(spec.scope)]),
    ...(spec.moreExtensions ?? []),
  ];
  const tbs = sequence(
    integer(1),
    algorithmIdentifier(issuer.key, hash),
    issuer.subject,
    time(thisUpdate),
    ...(nextUpdate === 'absent' ? [] : [time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(...entries.map(crlEntry))]),
    encodeDer(contextConstructed(0), sequence(...all)),
  );
  return signed(tbs, issuer.key, hash);
}

function crlEntry(entry: TestCrlEntry): Uint8Array {
  const all = [
    ...(entry.reason === undefined ? [] : [extension(EXTENSION.reasonCode, enumerated(entry.reason))]),
    ...(entry.certificateIssuer === undefined
      ? []
      : [
          extension(
            EXTENSION.certificateIssuer,
            sequence(generalName.directory(entry.certificateIssuer)),
            true,
          ),
        ]),
    ...(entry.moreExtensions ?? []),
  ];
  return sequence(
    integer(entry.serial),
    entry.revokedAt instanceof Uint8Array ? entry.revokedAt : time(entry.revokedAt ?? TEST_NOW - 2 * HOUR),
    ...(all.length === 0 ? [] : [sequence(...all)]),
  );
}

export interface TestOcspSpec {
  readonly certificate: Certificate;
  readonly issuer: TestIdentity;
  /** Signs the answer; the issuer when absent. */
  readonly responder?: TestIdentity;
  readonly status?: 'good' | 'unknown' | { readonly revokedAt: number; readonly reason?: number };
  readonly producedAt?: number;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | 'absent';
  readonly nonce?: Uint8Array;
  readonly certIdHash?: CertIdHash;
  /** CertID of another serial or issuer. */
  readonly serial?: Uint8Array;
  readonly certIdIssuer?: TestIdentity;
  readonly responderId?: 'byKey' | 'byName';
  /** DER certificates sent along; the responder's own when absent and delegated. */
  readonly certificates?: readonly Uint8Array[];
  readonly copies?: number;
  readonly hash?: TestHash;
}

/** DER of a successful OCSPResponse. */
export function testOcspResponse(spec: TestOcspSpec): Uint8Array {
  const responder = spec.responder ?? spec.issuer;
  const byName = encodeDer(contextConstructed(1), responder.subject);
  const keyHash = createHash('sha1').update(keyBits(responder.key.spki)).digest();
  const byKey = encodeDer(contextConstructed(2), octetString(keyHash));
  const singles = Array.from({ length: spec.copies ?? 1 }, () => singleResponse(spec));
  const nonce = spec.nonce === undefined ? [] : [extension(EXTENSION.ocspNonce, octetString(spec.nonce))];
  const tbs = sequence(
    spec.responderId === 'byName' ? byName : byKey,
    generalizedTime(spec.producedAt ?? TEST_NOW - 60_000),
    sequence(...singles),
    ...(nonce.length === 0 ? [] : [encodeDer(contextConstructed(1), sequence(...nonce))]),
  );
  const certificates = spec.certificates ?? (responder === spec.issuer ? [] : [responder.der]);
  const after =
    certificates.length === 0 ? [] : [encodeDer(contextConstructed(0), sequence(...certificates))];
  const basic = signed(tbs, responder.key, spec.hash, after);
  const bytes = sequence(encodeOid('1.3.6.1.5.5.7.48.1.1'), octetString(basic));
  return sequence(enumerated(0), encodeDer(contextConstructed(0), bytes));
}

/** An OCSPResponse that is not successful: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized. */
export function testOcspRefusal(status: number): Uint8Array {
  return sequence(enumerated(status));
}

function singleResponse(spec: TestOcspSpec): Uint8Array {
  const { status = 'good' } = spec;
  const thisUpdate = spec.thisUpdate ?? TEST_NOW - 60_000;
  const nextUpdate = spec.nextUpdate ?? thisUpdate + 15 * 60_000;
  return sequence(
    certId(spec),
    certStatus(status),
    generalizedTime(thisUpdate),
    ...(nextUpdate === 'absent' ? [] : [encodeDer(contextConstructed(0), generalizedTime(nextUpdate))]),
  );
}

function certId({
  certificate,
  issuer,
  certIdIssuer,
  serial,
  certIdHash: hash = 'sha1',
}: TestOcspSpec): Uint8Array {
  const named = certIdIssuer ?? issuer;
  return sequence(
    sequence(encodeOid(CERT_ID_HASHES[hash]), nullElement()),
    octetString(certIdHash(hash, named.subject)),
    octetString(certIdHash(hash, keyBits(named.key.spki))),
    integer(serial ?? certificate.serialNumber),
  );
}

function certStatus(status: NonNullable<TestOcspSpec['status']>): Uint8Array {
  if (status === 'good') return encodeDer(contextPrimitive(0));
  if (status === 'unknown') return encodeDer(contextPrimitive(2));
  const reason =
    status.reason === undefined ? [] : [encodeDer(contextConstructed(0), enumerated(status.reason))];
  return encodeDer(contextConstructed(1), generalizedTime(status.revokedAt), ...reason);
}

/** A delegated responder: EKU OCSPSigning and nocheck, unless said otherwise. */
export function testResponder(
  issuer: TestIdentity,
  options: {
    label?: string;
    eku?: readonly string[];
    noCheck?: boolean;
    key?: TestKey;
    notBefore?: number;
    notAfter?: number;
  } = {},
): TestIdentity {
  const {
    label = 'OCSP responder',
    eku = [KEY_PURPOSE.ocspSigning],
    noCheck = true,
    key,
    ...period
  } = options;
  return issueCertificate({
    subject: ['C=JP', 'O=JPKI', `CN=${label}`],
    issuer,
    key: key ?? testKey(label),
    extensions: [
      extensions.keyUsage(['digitalSignature']),
      ...(eku.length === 0 ? [] : [extensions.extendedKeyUsage(eku)]),
      ...(noCheck ? [extensions.ocspNoCheck()] : []),
    ],
    ...period,
  });
}
