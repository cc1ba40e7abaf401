import type { EpochMillis, TenantId, VerificationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { OUTCOMES, type OutcomeWord, outcomeOfVerification } from '../../../core/outcomes.ts';
import type {
  Verification,
  VerificationResult,
  VerificationState,
} from '../../../core/sign-transaction/verification.ts';
import { DAY_MILLIS } from '../../../core/spans.ts';
import { UUID } from '../../../core/uuid.ts';
import { checkStatus, statusCheckView } from '../../../pf/check-status.ts';
import { canBeJudgedAgain, judgeAgain } from '../../../pf/judge-again.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { sealedVerificationReport } from '../../../pf/verification-report.ts';
import type { VerificationQuery } from '../../../ports/verification-store.ts';
import { exportEvidence } from '../../../verification/evidence/export-evidence.ts';
import { evidenceFacts, personalFacts } from '../../../verifier/evidence/evidence-facts.ts';
import type { ExportTrust } from '../../../verifier/evidence/verify-exported.ts';
import type { Bilingual } from '../../../web/bilingual.ts';
import type {
  ConsoleRecords,
  RecordFilter,
  ShownRecord,
  ShownRecordDetail,
} from '../../../web/console/console-ports.ts';
import { japaneseDay } from '../../../web/console/days.ts';
import { PERSONAL_FIELDS } from '../../../web/console/personal-fields.ts';
import { recordsOfOutcome } from '../../../web/console/records-of-outcome.ts';
import { checkExported } from '../../signature-verifier/check-exported.ts';
import { stuckVerifications } from './stuck.ts';

/** What the store is asked for each outcome; the rest stands in the record. */
const NARROWED: Readonly<
  Partial<
    Record<
      OutcomeWord,
      { readonly states: readonly VerificationState[]; readonly results?: readonly VerificationResult[] }
    >
  >
> = {
  'verification-received': { states: ['received'] },
  held: { states: ['received'] },
  retried: { states: ['received'] },
  valid: { states: ['decided'], results: ['OK'] },
  wrong: { states: ['decided'] },
  'not-confirmed': { states: ['decided'] },
  undecided: { states: ['decided'] },
  'verification-refused': { states: ['refused'] },
  'verification-expired': { states: ['expired'] },
  'verification-deleted': { states: ['decided', 'refused', 'expired'] },
};
const OUTCOME_FILTERS = (Object.keys(NARROWED) as readonly OutcomeWord[]).map((value) => ({
  value,
  label: OUTCOMES[value].label,
}));
/** The result words of the field, as the tenant reads them: the reason behind an outcome. */
const RESULT_FILTERS: readonly { readonly value: VerificationResult; readonly label: Bilingual }[] = [
  { value: 'SIGNATURE_MISMATCH', label: { ja: '結果: 署名不一致', en: 'result: signature mismatch' } },
  { value: 'CERTIFICATE_REVOKED', label: { ja: '結果: 証明書失効', en: 'result: certificate revoked' } },
  { value: 'CERTIFICATE_EXPIRED', label: { ja: '結果: 証明書期限切れ', en: 'result: certificate expired' } },
  { value: 'CERTIFICATE_INVALID', label: { ja: '結果: 証明書不正', en: 'result: certificate invalid' } },
];
export const FILTERS: ConsoleRecords['filters'] = [...OUTCOME_FILTERS, ...RESULT_FILTERS];

const MOST_FOUND = 20;

/** The verifications of the platform operator for its console. */
export function pfRecords(operator: PlatformOperator): ConsoleRecords {
  const get = (id: string) => operator.verifications.get(id as VerificationId);
  return {
    filters: FILTERS,
    tenants: () => operator.tenants.assertions.map(({ tenant }) => tenant),
    list: async (filter, after, limit) => {
      const question = {
        read: (from: VerificationId | undefined, most: number) =>
          operator.verifications.list(defined({ ...queryOf(filter), after: from, limit: most })),
        outcomeOf: outcomeOfVerification,
        wanted: OUTCOME_FILTERS.find(({ value }) => value === filter.status)?.value,
      };
      const first = after === undefined ? undefined : (after as VerificationId);
      const { found, next } = await recordsOfOutcome(question, first, limit);
      return defined({ rows: found.map(shownRecord), next });
    },
    search: async (text) => {
      const own = UUID.test(text) ? await get(text) : undefined;
      if (own !== undefined) return [own.id];
      const named = await operator.verifications.list({ submissionKey: text, limit: MOST_FOUND });
      return named.map(({ id }) => id);
    },
    find: async (id) => {
      const verification = await get(id);
      return verification === undefined ? undefined : detailOf(operator, verification);
    },
    stuck: (limit) => stuckVerifications(operator, limit),
    personal: async (id) => {
      const octets = await operator.evidence.get(id);
      return octets === undefined ? {} : personalFacts(octets);
    },
    report: async (id) => {
      const verification = await get(id);
      if (verification?.report === undefined || verification.deletedAt !== undefined) return undefined;
      return sealedVerificationReport(operator, verification);
    },
    checkEvidence: (octets) =>
      checkExported(octets, trustOf(operator), operator.clock.now(), operator.receipts.jwks),
    judgeAgain: async (id, facts) => {
      await judgeAgain(operator, id as VerificationId, facts);
    },
    exportEvidence: (id, tenant, facts) => exportEvidence(operator, id, { tenant, facts }),
    checkStatus: async (id, method) => {
      const verification = await get(id);
      if (verification === undefined)
        throw new JitsuinError('http.not-found', 'No verification has this id.');
      const checkId = operator.random.id();
      const question = { method, checkId, purpose: 'STATUS_CHECK' as const };
      const found = await checkStatus(operator, verification, question);
      const shown = statusCheckView(operator.tenants, found);
      return defined({
        status: found.status,
        method,
        checkedAt: shown.checked_at,
        sourceUpdatedAt: shown.source_updated_at,
      });
    },
  };
}

function trustOf({ trustAnchors, timeStamping, policy, forms }: PlatformOperator): ExportTrust {
  return defined({
    trustAnchors,
    policies: [policy],
    forms,
    tsaTrustAnchors: timeStamping === undefined ? undefined : timeStamping.trustAnchors,
    algorithmEnds: timeStamping === undefined ? undefined : timeStamping.algorithmEnds,
  });
}

function queryOf({ tenant, status, from, to }: RecordFilter): Omit<VerificationQuery, 'limit'> {
  const outcome = OUTCOME_FILTERS.find(({ value }) => value === status)?.value;
  const result = RESULT_FILTERS.find(({ value }) => value === status)?.value;
  const narrowed = outcome === undefined ? undefined : NARROWED[outcome];
  return defined({
    tenant: tenant === undefined ? undefined : (tenant as TenantId),
    states: narrowed?.states,
    results: result === undefined ? narrowed?.results : [result],
    from: from === undefined ? undefined : japaneseDay(from),
    until: to === undefined ? undefined : ((japaneseDay(to) + DAY_MILLIS) as EpochMillis),
  });
}

function shownRecord(verification: Verification): ShownRecord {
  const { id, tenant, state, result, failure, createdAt, updatedAt, deletedAt, submissionKey } = verification;
  return defined({
    id,
    tenant,
    createdAt,
    updatedAt,
    status: deletedAt === undefined ? (result ?? state) : 'deleted',
    outcome: outcomeOfVerification(verification),
    code: failure?.code ?? (result === 'OK' ? undefined : result),
    externalId: submissionKey,
  });
}

async function detailOf(operator: PlatformOperator, verification: Verification): Promise<ShownRecordDetail> {
  const { id, tenant, report, result, deletedAt } = verification;
  const octets = deletedAt === undefined ? await operator.evidence.get(id, tenant) : undefined;
  const { ocsp, crl } = operator.revocation;
  const askable = octets !== undefined && (result === 'OK' || result === 'CERTIFICATE_REVOKED');
  return defined({
    ...shownRecord(verification),
    facts: factsOf(verification),
    report,
    evidence: octets === undefined ? undefined : evidenceFacts(octets),
    personal: octets === undefined ? [] : PERSONAL_FIELDS,
    judgeable: canBeJudgedAgain(verification),
    statusMethods: askable
      ? [...(ocsp === undefined ? [] : ['OCSP' as const]), ...(crl === undefined ? [] : ['CRL' as const])]
      : [],
  });
}

function factsOf(verification: Verification): ShownRecordDetail['facts'] {
  const { service, environment, profile, mode, checkMethod, correlationId } = verification;
  const { signedOctetsSha256, bundleHash } = verification;
  return [
    [{ ja: 'サービス', en: 'Service' }, `${service} (${environment})`],
    [{ ja: '署名の形式', en: 'Profile and mode' }, `${profile}, ${mode}`],
    [{ ja: '失効確認の方法', en: 'Check method' }, checkMethod],
    [{ ja: '受信した結果のSHA-256', en: 'SHA-256 of the bundle' }, bundleHash],
    ...(signedOctetsSha256 === undefined
      ? []
      : [[{ ja: '署名された内容のSHA-256', en: 'SHA-256 of what is signed' }, signedOctetsSha256] as const]),
    ...(correlationId === undefined
      ? []
      : [[{ ja: '追跡番号', en: 'Correlation id' }, correlationId] as const]),
  ];
}
