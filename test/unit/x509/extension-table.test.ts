import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { openCrl } from '../../../src/verifier/revocation/crl.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import type { KeyUsage } from '../../../src/verifier/x509/certificate-types.ts';
import { ANY_POLICY, EXTENSION, KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import {
  encodeDer,
  encodeOid,
  generalName,
  integer,
  name,
  nullElement,
  octetString,
  sequence,
} from '../../support/pki/der-encode.ts';
import { extension, extensions } from '../../support/pki/extension-encode.ts';
import { verdict } from '../../support/pki/path-verdict.ts';
import { certificateDer, issueCa, issueCertificate, TEST_NOW, testKey } from '../../support/pki/test-pki.ts';
import { testCrl, testOcspResponse } from '../../support/pki/test-revocation.ts';

/** Whose certificate has the extension. */
const ROLES = ['end entity', 'CA', 'anchor', 'responder', 'list signer'] as const;
type Role = (typeof ROLES)[number];
const STATES = ['absent', 'present', 'critical', 'wrong', 'doubled', 'forbids'] as const;
type State = (typeof STATES)[number];

/** What stands in the OCTET STRING of an Extension. */
type Value = Uint8Array;
const A = '1.2.3.1';
const CA_USAGES = ['keyCertSign', 'cRLSign'] as const;
const usages = (...all: readonly KeyUsage[]) => inner(extensions.keyUsage(all, false));
const purposes = (...all: readonly string[]) => inner(extensions.extendedKeyUsage(all));
/** The octets inside extnValue of an Extension that is not critical. */
function inner(encoded: Uint8Array): Value {
  // SEQUENCE { OID, OCTET STRING }: each length is short in these tests
  const oidLength = encoded[3] ?? 0;
  return encoded.subarray(2 + 2 + oidLength + 2);
}

type Outcomes = Readonly<Partial<Record<Role, string>>>;
interface Row {
  readonly name: string;
  readonly oid: string;
  /** A value that serves the role. */
  readonly good: (role: Role) => Value;
  /** DER that is no value of this extension; absent: nobody here reads it, so that nothing in it is wrong. */
  readonly wrong?: Value;
  /** Outcomes without it, where a role needs it. */
  readonly absent?: Outcomes;
  /** Outcomes where it is critical; absent: as if it were not. */
  readonly critical?: Outcomes;
  /** A value that is well-formed and forbids what the role does, with its outcomes. */
  readonly forbids?: readonly [value: Value, outcomes: Outcomes];
}

const isIssuer = (role: Role) => role === 'CA' || role === 'anchor' || role === 'list signer';
const ofIssuers = (outcome: string): Outcomes => ({ CA: outcome, anchor: outcome, 'list signer': outcome });
/** An anchor's policies bind nobody: the initial ones are the caller's (section 6.1.1). */
const belowAnchor = (outcome: string): Outcomes => ({ CA: outcome, 'list signer': outcome });
const notDer = octetString(new Uint8Array(0));
const PASSED = 'TOTAL-PASSED';
const NO_RESPONDER = 'revocation.responder';
const NOT_CA = 'basic-constraints certificate.not-ca';
const POLICY = 'certificate-policies certificate.policy';
/** RFC 5280 section 4.2: what is critical and not processed makes the certificate unusable. */
const REFUSED_CRITICAL: Outcomes = {
  ...ofIssuers('critical-extensions certificate.critical-extension'),
  'end entity': 'critical-extensions certificate.critical-extension',
  responder: NO_RESPONDER,
};
const points = () => inner(extensions.crlDistributionPoints([name('CN=P')]));
const excluded = (base: Uint8Array) => sequence(encodeDer(0xa1, sequence(base)));

const TABLE: readonly Row[] = [
  {
    name: 'basicConstraints',
    oid: EXTENSION.basicConstraints,
    good: (role) => inner(extensions.basicConstraints(isIssuer(role), undefined, false)),
    wrong: notDer,
    absent: ofIssuers(NOT_CA),
    forbids: [sequence(), ofIssuers(NOT_CA)],
  },
  {
    name: 'keyUsage',
    oid: EXTENSION.keyUsage,
    good: (role) => usages(...(isIssuer(role) ? CA_USAGES : (['digitalSignature'] as const))),
    wrong: notDer,
    forbids: [
      usages('keyAgreement'),
      {
        ...ofIssuers('key-usage certificate.usage'),
        'list signer': 'revocation.signature',
        responder: NO_RESPONDER,
      },
    ],
  },
  {
    name: 'extKeyUsage',
    oid: EXTENSION.extendedKeyUsage,
    good: (role) => purposes(role === 'responder' ? KEY_PURPOSE.ocspSigning : KEY_PURPOSE.emailProtection),
    wrong: notDer,
    absent: { responder: NO_RESPONDER },
    // The purposes of CAs have no effect on a path (RFC 5280 section 4.2.1.12), anyExtendedKeyUsage makes no responder.
    forbids: [purposes(KEY_PURPOSE.any), { responder: NO_RESPONDER }],
  },
  {
    name: 'subjectKeyIdentifier',
    oid: EXTENSION.subjectKeyIdentifier,
    good: () => octetString(Uint8Array.of(1, 2, 3)),
    wrong: nullElement(),
  },
  {
    name: 'authorityKeyIdentifier',
    oid: EXTENSION.authorityKeyIdentifier,
    good: () => sequence(),
    wrong: notDer,
  },
  {
    name: 'subjectAltName',
    oid: EXTENSION.subjectAltName,
    good: () => sequence(generalName.dns('a.example.jp')),
    wrong: notDer,
  },
  {
    name: 'issuerAltName',
    oid: EXTENSION.issuerAltName,
    good: () => sequence(generalName.dns('a.example.jp')),
    wrong: notDer,
  },
  {
    name: 'nameConstraints',
    oid: EXTENSION.nameConstraints,
    good: () => excluded(generalName.dns('bad.example.jp')),
    wrong: notDer,
    // in an end entity they bind nobody (section 4.2.1.10)
    forbids: [
      excluded(generalName.directory(name('CN=Below'))),
      ofIssuers('name-constraints certificate.name-constraints'),
    ],
  },
  {
    name: 'certificatePolicies',
    oid: EXTENSION.certificatePolicies,
    good: () => sequence(sequence(encodeOid(A))),
    wrong: notDer,
  },
  {
    name: 'policyMappings',
    oid: EXTENSION.policyMappings,
    good: () => sequence(sequence(encodeOid(A), encodeOid('1.2.3.2'))),
    wrong: notDer,
    // section 6.1.4 (a): neither side is anyPolicy
    forbids: [sequence(sequence(encodeOid(A), encodeOid(ANY_POLICY))), belowAnchor(POLICY)],
  },
  {
    name: 'policyConstraints',
    oid: EXTENSION.policyConstraints,
    good: () => sequence(Uint8Array.of(0x80, 1, 5)),
    wrong: notDer,
    // requireExplicitPolicy 0, and there is no policy: sections 6.1.4 (i) and 6.1.5 (b)
    forbids: [sequence(Uint8Array.of(0x80, 1, 0)), { ...belowAnchor(POLICY), 'end entity': POLICY }],
  },
  {
    name: 'inhibitAnyPolicy',
    oid: EXTENSION.inhibitAnyPolicy,
    good: () => integer(0),
    wrong: notDer,
  },
  { name: 'cRLDistributionPoints', oid: EXTENSION.cRLDistributionPoints, good: points, wrong: notDer },
  { name: 'freshestCRL', oid: EXTENSION.freshestCRL, good: points, wrong: notDer },
  {
    name: 'id-pkix-ocsp-nocheck',
    oid: EXTENSION.ocspNoCheck,
    good: () => nullElement(),
    wrong: notDer,
    // without it a responder must be known not to be revoked, and nothing is known here
    absent: { responder: NO_RESPONDER },
    critical: { ...REFUSED_CRITICAL, responder: PASSED },
  },
  {
    name: 'authorityInfoAccess',
    oid: EXTENSION.authorityInfoAccess,
    good: () => sequence(),
    critical: REFUSED_CRITICAL,
  },
  {
    name: 'an extension that nobody knows',
    oid: '1.3.6.1.4.1.99999.1',
    good: () => nullElement(),
    critical: REFUSED_CRITICAL,
  },
];

/** What a role needs besides the extension in question. */
const NEEDED: Readonly<Record<Role, readonly (readonly [oid: string, encoded: Uint8Array])[]>> = {
  'end entity': [],
  CA: [
    [EXTENSION.basicConstraints, extensions.basicConstraints(true)],
    [EXTENSION.keyUsage, extensions.keyUsage(['keyCertSign', 'cRLSign'])],
  ],
  anchor: [
    [EXTENSION.basicConstraints, extensions.basicConstraints(true)],
    [EXTENSION.keyUsage, extensions.keyUsage(['keyCertSign', 'cRLSign'])],
  ],
  responder: [
    [EXTENSION.extendedKeyUsage, extensions.extendedKeyUsage([KEY_PURPOSE.ocspSigning])],
    [EXTENSION.ocspNoCheck, extensions.ocspNoCheck()],
  ],
  'list signer': [
    [EXTENSION.basicConstraints, extensions.basicConstraints(true)],
    [EXTENSION.keyUsage, extensions.keyUsage(['keyCertSign', 'cRLSign'])],
  ],
};

const root = issueCa({ subject: ['C=JP', 'CN=Table root'] });

function outcome(role: Role, { oid, good, wrong, forbids }: Row, state: State): string {
  const values: Partial<Record<State, Value | undefined>> = { wrong, forbids: forbids?.[0] };
  const value = values[state] ?? good(role);
  const own = extension(oid, value, state === 'critical');
  const stands = state === 'absent' ? [] : state === 'doubled' ? [own, own] : [own];
  const needed = NEEDED[role].filter(([other]) => other !== oid).map(([, encoded]) => encoded);
  try {
    return judged(role, [...needed, ...stands]);
  } catch (thrown) {
    return asJitsuinError(thrown).code;
  }
}

let serial = 1;
function judged(role: Role, all: readonly Uint8Array[]): string {
  serial += 1;
  const made = (subject: string, issuer: typeof root | undefined) => {
    const key = testKey(`${role} of the table`);
    const spec = {
      subject: ['C=JP', `CN=${subject}`],
      key,
      extensions: all,
      identifiers: 'none' as const,
      serial,
    };
    const { der, subject: nameDer } = certificateDer(issuer === undefined ? spec : { ...spec, issuer });
    return { der, key, subject: nameDer, certificate: parseCertificate(der) };
  };
  const under = (issuer: typeof root) => issueCertificate({ subject: ['CN=Below'], issuer }).certificate;
  switch (role) {
    case 'end entity':
      return verdict(made('Leaf', root).certificate, { trustAnchors: [root.certificate], intermediates: [] });
    case 'CA': {
      const ca = made('CA', root);
      return verdict(under(ca), { trustAnchors: [root.certificate], intermediates: [ca.certificate] });
    }
    case 'anchor': {
      const anchor = made('Anchor', undefined);
      return verdict(under(anchor), { trustAnchors: [anchor.certificate], intermediates: [] });
    }
    case 'responder': {
      const responder = made('Responder', root);
      const certificate = under(root);
      const ocsp = [testOcspResponse({ certificate, issuer: root, responder })];
      return revocation({ certificate, issuer: root.certificate, data: { crls: [], ocsp }, method: 'OCSP' });
    }
    default: {
      const ca = made('Lists', root);
      const certificate = under(ca);
      const crls = [openCrl(testCrl({ issuer: ca }), { issuers: [ca.certificate] })];
      const path = verdict(certificate, {
        trustAnchors: [root.certificate],
        intermediates: [ca.certificate],
      });
      if (path !== 'TOTAL-PASSED') return path;
      return revocation({ certificate, issuer: ca.certificate, data: { crls, ocsp: [] }, method: 'CRL' });
    }
  }
}

function revocation(request: Omit<Parameters<typeof checkRevocation>[0], 'at'>): string {
  const result = checkRevocation({ ...request, at: TEST_NOW as EpochMillis });
  if (result.status === 'good') return 'TOTAL-PASSED';
  return result.status === 'indeterminate' ? result.code : result.status;
}

/** What the table says, RFC by RFC. */
function expected(role: Role, { wrong, absent, critical, forbids }: Row, state: State): string {
  switch (state) {
    case 'absent':
      return absent?.[role] ?? PASSED;
    case 'present':
      return PASSED;
    case 'critical':
      return critical?.[role] ?? PASSED;
    case 'wrong':
      return wrong === undefined ? PASSED : 'certificate.syntax';
    case 'doubled':
      return 'certificate.syntax';
    case 'forbids':
      return forbids?.[1][role] ?? PASSED;
  }
}

describe.each(ROLES)('each extension in the certificate of a role: %s', (role) => {
  it.each(TABLE.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const found = STATES.map((state) => [state, outcome(role, row, state)]);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(STATES.map((state) => [state, expected(role, row, state)])),
    );
  });
});

it('the table has every extension that is read of a certificate', () => {
  const ofLists = [
    ...([
      'cRLNumber',
      'reasonCode',
      'invalidityDate',
      'deltaCRLIndicator',
      'issuingDistributionPoint',
    ] as const),
    ...(['certificateIssuer', 'expiredCertsOnCRL', 'ocspNonce'] as const),
  ];
  const names = (Object.keys(EXTENSION) as (keyof typeof EXTENSION)[]).filter(
    (one) => !ofLists.some((other) => other === one),
  );
  const inTable = new Set(TABLE.map(({ oid }) => oid));
  expect(names.filter((one) => !inTable.has(EXTENSION[one]))).toEqual([]);
});

it('a CA may not be a signer, whatever else its certificate says', () => {
  const ca = issueCa({ subject: ['CN=CA as signer'], issuer: root });
  expect(verdict(ca.certificate, { trustAnchors: [root.certificate], intermediates: [] })).toBe(
    'basic-constraints certificate.usage',
  );
});

it('who may sign certificates and not lists signs no list', () => {
  const ca = issueCertificate({
    subject: ['CN=No lists'],
    issuer: root,
    extensions: [extensions.basicConstraints(true), extensions.keyUsage(['keyCertSign'])],
  });
  expect(() => openCrl(testCrl({ issuer: ca }), { issuers: [ca.certificate] })).toThrow(
    expect.objectContaining({ code: 'revocation.signature' }),
  );
});
