import type { EpochMillis, TenantId, VerificationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type {
  Verification,
  VerificationResult,
  VerificationState,
} from '../../../core/sign-transaction/verification.ts';
import { DAY_MILLIS } from '../../../core/spans.ts';
import { UUID } from '../../../core/uuid.ts';
import { checkStatus } from '../../../pf/check-status.ts';
import { canBeJudgedAgain, judgeAgain } from '../../../pf/judge-again.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { sealedVerificationReport } from '../../../pf/verification-report.ts';
import type { VerificationQuery } from '../../../ports/verification-store.ts';
import { exportEvidence } from '../../../verification/evidence/export-evidence.ts';
import { evidenceFacts, personalFacts } from '../../../verifier/evidence/evidence-facts.ts';
import type { ExportTrust } from '../../../verifier/evidence/verify-exported.ts';
import type {
  ConsoleRecords,
  RecordFilter,
  ShownRecord,
  ShownRecordDetail,
} from '../../../web/console/console-ports.ts';
import { japaneseDay } from '../../../web/console/days.ts';
import { PERSONAL_FIELDS } from '../../../web/console/personal-fields.ts';
import { checkExported } from '../../signature-verifier/check-exported.ts';
import { stuckVerifications } from './stuck.ts';

const STATES: readonly VerificationState[] = ['received', 'refused', 'expired'];
const RESULTS: readonly VerificationResult[] = [
  'OK',
  'SIGNATURE_MISMATCH',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_INVALID',
  'INDETERMINATE',
];

const STATUSES: ConsoleRecords['statuses'] = [
  { value: 'received', label: { ja: '受付済み', en: 'received' } },
  { value: 'OK', label: { ja: '有効', en: 'OK' } },
  { value: 'SIGNATURE_MISMATCH', label: { ja: '署名不一致', en: 'signature mismatch' } },
  { value: 'CERTIFICATE_REVOKED', label: { ja: '証明書失効', en: 'certificate revoked' } },
  { value: 'CERTIFICATE_EXPIRED', label: { ja: '証明書期限切れ', en: 'certificate expired' } },
  { value: 'CERTIFICATE_INVALID', label: { ja: '証明書不正', en: 'certificate invalid' } },
  { value: 'INDETERMINATE', label: { ja: '判断不能', en: 'indeterminate' } },
  { value: 'refused', label: { ja: '受付拒否', en: 'refused' } },
  { value: 'expired', label: { ja: '期限切れ', en: 'expired' } },
  { value: 'deleted', label: { ja: '削除済み', en: 'deleted' } },
];

const MOST_FOUND = 20;

/** The verifications of the platform operator for its console. */
export function pfRecords(operator: PlatformOperator): ConsoleRecords {
  const get = (id: string) => operator.verifications.get(id as VerificationId);
  return {
    statuses: STATUSES,
    tenants: () => operator.tenants.assertions.map(({ tenant }) => tenant),
    list: async (filter, after, limit) => {
      const found = await operator.verifications.list(
        defined({
          ...queryOf(filter),
          after: after === undefined ? undefined : (after as VerificationId),
          limit: limit + 1,
        }),
      );
      const rows = found.slice(0, limit).map(shownRecord);
      const last = rows.at(-1);
      return defined({
        rows,
        next: found.length > limit && last !== undefined ? last.id : undefined,
      });
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
      const checked = await checkStatus(operator, verification, method, operator.random.id());
      const { status, checked_at, source_updated_at } = checked;
      return defined({
        status,
        method,
        checkedAt: checked_at,
        sourceUpdatedAt: source_updated_at,
      });
    },
  };
}

function trustOf({ trustAnchors, timeStamping, policy }: PlatformOperator): ExportTrust {
  return defined({
    trustAnchors,
    policies: [policy],
    tsaTrustAnchors: timeStamping === undefined ? undefined : timeStamping.trustAnchors,
    algorithmEnds: timeStamping === undefined ? undefined : timeStamping.algorithmEnds,
  });
}

function queryOf({ tenant, status, from, to }: RecordFilter): Omit<VerificationQuery, 'limit'> {
  const state = STATES.find((candidate) => candidate === status);
  const result = RESULTS.find((candidate) => candidate === status);
  return defined({
    tenant: tenant === undefined ? undefined : (tenant as TenantId),
    states: state === undefined ? undefined : [state],
    results: result === undefined ? undefined : [result],
    from: from === undefined ? undefined : japaneseDay(from),
    until: to === undefined ? undefined : ((japaneseDay(to) + DAY_MILLIS) as EpochMillis),
  });
}

function shownRecord({
  id,
  tenant,
  state,
  result,
  failure,
  createdAt,
  updatedAt,
  deletedAt,
}: Verification): ShownRecord {
  return defined({
    id,
    tenant,
    createdAt,
    updatedAt,
    status: deletedAt === undefined ? (result ?? state) : 'deleted',
    code: failure === undefined ? undefined : failure.code,
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
  const { submissionKey, service, environment, profile, mode, checkMethod, correlationId } = verification;
  const { signedOctetsSha256, bundleHash } = verification;
  return [
    [{ ja: '利用機関の番号', en: "The tenant's own id" }, submissionKey],
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
