import type {
  ApplicationId,
  CompactJwe,
  EpochMillis,
  SigningInput,
  SignTransactionId,
  TenantId,
  VerificationId,
} from '../../../src/core/brand.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import type { Application, ApplicationSecrets } from '../../../src/core/sign-transaction/application.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import type { AuditEvent } from '../../../src/ports/audit.ts';
import type { Effects } from '../../../src/ports/effects.ts';

export const TENANT = 'tenant-a' as TenantId;
export const OTHER_TENANT = 'tenant-b' as TenantId;
export const NOTHING: Effects = { audit: [] };

export const at = (millis: number) => millis as EpochMillis;
export const applicationId = (id: string) => id as ApplicationId;
export const verificationId = (id: string) => id as VerificationId;

/** Every secret field, each with a value that a search of bytes can find. */
export const MARKED: Required<ApplicationSecrets> = {
  document: toUtf8('<申請書>MARK-DOCUMENT 𠮷野家 葛󠄀城 髙 \ue000 🈴</申請書>'),
  prepared: '{"state":"MARK-PREPARED"}',
  browserHash: 'MARK-BROWSER',
  loginHash: 'MARK-LOGIN',
  signLink: 'MARK-HAND-OVER',
  state: 'MARK-STATE',
  nonce: 'MARK-NONCE',
  codeVerifier: 'MARK-VERIFIER',
  accessToken: 'MARK-ACCESS-TOKEN',
  refreshToken: 'MARK-REFRESH-TOKEN',
  idToken: 'MARK-ID-TOKEN',
  subject: 'MARK-SUBJECT',
  resultJwe: 'MARK-RESULT-JWE' as CompactJwe,
  clearCertificate: toUtf8('MARK-CERTIFICATE'),
  clearSignatureValue: toUtf8('MARK-SIGNATURE-VALUE'),
  receipt: 'MARK-RECEIPT',
};

export function application(id: string, changes: Partial<Application> = {}): Application {
  return {
    id: applicationId(id),
    tenant: TENANT,
    revision: 1,
    state: 'received',
    profile: 'enveloped',
    mode: 'digest-info',
    displayName: 'xx市ZZ申請',
    identificationCode: '123456',
    data: 'AAAA' as SigningInput,
    createdAt: at(1_800_000_000_000),
    updatedAt: at(1_800_000_000_001),
    deadline: at(1_800_000_600_000),
    purgeAt: at(1_800_003_600_000),
    secrets: { document: toUtf8('<a/>'), prepared: '{}' },
    ...changes,
  };
}

/** Every field there is; a field added to the type makes this fail to compile until the store keeps it. */
export const FULL_APPLICATION: Required<Omit<Application, 'purged'>> = {
  ...application('full'),
  secrets: MARKED,
  externalId: 'external-1',
  correlationId: '3f1e5a10-0000-4000-8000-00000000c0de',
  returnTo: '/done',
  signTransactionId: 'b2a1f5c0-0000-0000-0000-000000000001' as SignTransactionId,
  stateHash: 'a'.repeat(64),
  subjectHash: 'b'.repeat(64),
  verificationId: 'v-1',
  verdict: {
    ...{ indication: 'TOTAL-FAILED', subIndication: 'REVOKED', signedOctetsSha256: 'c'.repeat(64) },
    ...{ decidedAt: at(9_007_199_254_740_991), reference: 'v-1' },
  },
  failure: { code: 'upstream.final', row: 'result-3' },
  startAttemptedAt: at(5),
};

export function verification(id: string, changes: Partial<Verification> = {}): Verification {
  return {
    id: verificationId(id),
    tenant: TENANT,
    revision: 1,
    state: 'received',
    submissionKey: `key-${id}`,
    submissionHash: 'd'.repeat(64),
    bundleHash: `bundle-${id}`,
    service: 'service-1',
    environment: 'test',
    profile: 'by-id',
    mode: 'digest',
    data: 'BBBB' as SigningInput,
    checkMethod: 'OCSP',
    createdAt: at(1_800_000_000_000),
    updatedAt: at(1_800_000_000_001),
    deadline: at(1_800_000_600_000),
    purgeAt: at(1_800_003_600_000),
    secrets: { skeleton: toUtf8('<s/>'), jwe: 'a.b.c.d.e' as CompactJwe },
    ...changes,
  };
}

export const FULL_VERIFICATION: Required<Verification> = {
  ...verification('full'),
  secrets: { skeleton: toUtf8('MARK-SKELETON'), jwe: 'MARK-BUNDLE' as CompactJwe },
  result: 'CERTIFICATE_REVOKED',
  report: {
    indication: 'TOTAL-FAILED',
    checks: [{ name: 'revocation', result: 'failed', code: 'certificate.revoked', subIndication: 'REVOKED' }],
    validationTime: at(1_800_000_000_000),
  },
  signedOctetsSha256: 'e'.repeat(64),
  signedElement: { name: '{urn:x}element' },
  correlationId: '3f1e5a10-0000-4000-8000-00000000c0de',
  failure: { code: 'jwe.decrypt' },
  receipt: 'h.p.s',
  decidedAt: at(1_800_000_000_500),
  subjectId: '0b0e0f00-0000-4000-8000-000000000001',
  contentTakenAt: at(1_800_000_000_007),
  deletedAt: at(1_800_000_000_009),
};

export function auditEvent(event: string, subject = 'subject-1'): AuditEvent {
  return {
    event,
    subject,
    tenant: TENANT,
    at: at(1_800_000_000_000),
    facts: { state: 'received', octets: 3 },
  };
}

export const SESSION = { idHash: 'session-1', csrf: 'csrf', createdAt: at(1), expiresAt: at(100) };
