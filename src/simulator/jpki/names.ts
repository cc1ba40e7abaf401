import { context, type Der, oid, printableString, sequence, setOf, utf8String } from './der.ts';

const ATTRIBUTE = { C: '2.5.4.6', L: '2.5.4.7', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3' } as const;

type NamePart = readonly [attribute: keyof typeof ATTRIBUTE, value: string];

/** An X.501 Name, one attribute a RDN; C is PrintableString, all others UTF8String, as JPKI writes them. */
export function distinguishedName(parts: readonly NamePart[]): Der {
  return sequence(
    ...parts.map(([attribute, value]) =>
      setOf(
        sequence(oid(ATTRIBUTE[attribute]), attribute === 'C' ? printableString(value) : utf8String(value)),
      ),
    ),
  );
}

export type CertificateKind = 'sign' | 'auth';

const SERVICE_OU = { sign: 'JPKI for digital signature', auth: 'JPKI for user authentication' } as const;
const SERVICE_OU_JA = {
  sign: '公的個人認証サービス署名用',
  auth: '公的個人認証サービス利用者証明用',
} as const;

/** DN of the CA: the same in every generation; O=JPKI-TEST is the test environment's. */
export function caName(kind: CertificateKind): Der {
  return distinguishedName([
    ['C', 'JP'],
    ['O', 'JPKI-TEST'],
    ['OU', SERVICE_OU[kind]],
    ['OU', 'Japan Agency for Local Authority Information Systems'],
  ]);
}

/** The Japanese directoryName of the CA's subjectAltName, repeated as issuerAltName of what it issues. */
export function caAlternativeName(kind: CertificateKind): Der {
  return distinguishedName([
    ['C', 'JP'],
    ['O', '公的個人認証サービス(模擬)'],
    ['OU', SERVICE_OU_JA[kind]],
    ['OU', '地方公共団体情報システム機構(模擬)'],
  ]);
}

/** One CRL per municipality, named by directory name. */
export function distributionPointName(kind: CertificateKind, prefecture: string, municipality: string): Der {
  return distinguishedName([
    ['C', 'JP'],
    ['O', 'JPKI-TEST'],
    ['OU', SERVICE_OU[kind]],
    ['OU', 'CRL Distribution Points'],
    ['OU', prefecture],
    ['CN', `${municipality} CRLDP`],
  ]);
}

/** GeneralName directoryName. Name is a CHOICE, so its tag is explicit. */
export function directoryName(name: Der): Der {
  return context(4, name);
}

/** DistributionPointName fullName with one directoryName, inside its `[0]`. */
export function fullName(name: Der): Der {
  return context(0, context(0, directoryName(name)));
}
