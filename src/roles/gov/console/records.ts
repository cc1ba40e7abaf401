import type { ApplicationId, EpochMillis, TenantId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { AlgorithmEnds } from '../../../core/digest/algorithm-ends.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { OUTCOMES, type OutcomeWord, outcomeOfApplication } from '../../../core/outcomes.ts';
import type { Application, ApplicationState } from '../../../core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../../core/sign-transaction/citizen-messages.ts';
import { DAY_MILLIS } from '../../../core/spans.ts';
import { UUID } from '../../../core/uuid.ts';
import { etsiReport } from '../../../core/validation-report/etsi-report.ts';
import type { ApplicationQuery, ApplicationStore } from '../../../ports/application-store.ts';
import { type EvidencePorts, exportEvidence } from '../../../verification/evidence/export-evidence.ts';
import { evidenceFacts, personalFacts } from '../../../verifier/evidence/evidence-facts.ts';
import { recordedDecision } from '../../../verifier/evidence/verify-evidence.ts';
import type { ExportTrust } from '../../../verifier/evidence/verify-exported.ts';
import type { PolicyFile } from '../../../verifier/policy/policy-file.ts';
import { plainReportFacts } from '../../../verifier/report/report-facts.ts';
import type { Certificate } from '../../../verifier/x509/certificate-types.ts';
import type {
  ConsoleRecords,
  RecordFilter,
  ShownRecord,
  ShownRecordDetail,
} from '../../../web/console/console-ports.ts';
import { japaneseDay } from '../../../web/console/days.ts';
import { PERSONAL_FIELDS } from '../../../web/console/personal-fields.ts';
import { checkExported } from '../../signature-verifier/check-exported.ts';
import { recordsOfOutcome } from '../../signature-verifier/records-of-outcome.ts';
import { stuckApplications } from './stuck.ts';

export interface GovRecords extends EvidencePorts {
  readonly applications: ApplicationStore;
  readonly tenants: readonly string[];
  readonly trustAnchors: readonly Certificate[];
  /** Roots of the TSA of the configuration; absent: none is configured, and no time is judged. */
  readonly tsaTrustAnchors?: readonly Certificate[];
  readonly policy: PolicyFile;
  /** When algorithms end by the configuration; absent: as built in. */
  readonly algorithmEnds?: AlgorithmEnds;
}

const STATES = Object.keys(STATE_MESSAGES) as readonly ApplicationState[];
const DECIDED: readonly OutcomeWord[] = ['valid', 'wrong', 'not-confirmed', 'undecided'];
/** A decided application is found by what was found: "the verification is done" is no outcome. */
export const FILTERS = [...STATES.filter((state) => state !== 'decided'), ...DECIDED].map((value) => ({
  value,
  label: OUTCOMES[value].label,
}));
/** What the citizen is shown of the document is the agency's own text, and may name a person. */
const DISPLAY_NAME = {
  name: 'display',
  label: { ja: '署名対象データ名', en: 'Name of the document' },
} as const;

/** The applications of an agency for its console. */
export function govRecords(records: GovRecords): ConsoleRecords {
  const get = (id: string) => records.applications.get(id as ApplicationId);
  return {
    filters: FILTERS,
    tenants: () => records.tenants,
    list: async (filter, after, limit) => {
      const first = after === undefined ? undefined : (after as ApplicationId);
      const question = {
        read: (from: ApplicationId | undefined, most: number) =>
          records.applications.list(defined({ ...queryOf(filter), after: from, limit: most })),
        outcomeOf: outcomeOfApplication,
        wanted: FILTERS.find(({ value }) => value === filter.status)?.value,
      };
      const { found, next } = await recordsOfOutcome(question, first, limit);
      return defined({ rows: found.map(shownRecord), next });
    },
    search: async (text) => (UUID.test(text) && (await get(text)) !== undefined ? [text] : []),
    find: async (id) => {
      const application = await get(id);
      return application === undefined ? undefined : detailOf(records, application);
    },
    stuck: (limit) => stuckApplications(records, limit),
    personal: async (id) => {
      const application = await get(id);
      if (application === undefined) return {};
      const octets = await evidenceOf(records, application);
      return { display: application.displayName, ...(octets && personalFacts(octets)) };
    },
    report: async (id) => {
      const application = await get(id);
      const octets = application === undefined ? undefined : await evidenceOf(records, application);
      if (octets === undefined) return undefined;
      const facts = plainReportFacts(id, octets);
      return { facts, xml: { text: etsiReport([facts]) } };
    },
    checkEvidence: (octets) => checkExported(octets, trustOf(records), records.clock.now()),
    exportEvidence: async (id, tenant, facts) => {
      const reference = (await get(id))?.verdict?.reference;
      if (reference === undefined)
        throw new JitsuinError(
          'http.not-found',
          'No evidence is kept of this application: it ended without a verdict.',
        );
      return exportEvidence(records, reference, { tenant, facts });
    },
  };
}

function trustOf({ trustAnchors, tsaTrustAnchors, policy, algorithmEnds }: GovRecords): ExportTrust {
  return defined({ trustAnchors, tsaTrustAnchors, policies: [policy], algorithmEnds });
}

function queryOf({ tenant, status, from, to }: RecordFilter): Omit<ApplicationQuery, 'limit'> {
  const decided = DECIDED.some((word) => word === status);
  const state = decided ? 'decided' : STATES.find((candidate) => candidate === status);
  return defined({
    tenant: tenant === undefined ? undefined : (tenant as TenantId),
    states: state === undefined ? undefined : [state],
    from: from === undefined ? undefined : japaneseDay(from),
    until: to === undefined ? undefined : ((japaneseDay(to) + DAY_MILLIS) as EpochMillis),
  });
}

function shownRecord(application: Application): ShownRecord {
  const { id, tenant, state, verdict, failure, createdAt, updatedAt } = application;
  const code = failure?.code ?? verdict?.subIndication;
  const outcome = outcomeOfApplication(application);
  return defined({ id, tenant, status: verdict?.indication ?? state, outcome, createdAt, updatedAt, code });
}

async function evidenceOf(
  { evidence }: GovRecords,
  { verdict, tenant }: Application,
): Promise<Uint8Array | undefined> {
  return verdict === undefined ? undefined : evidence.get(verdict.reference, tenant);
}

async function detailOf(records: GovRecords, application: Application): Promise<ShownRecordDetail> {
  const octets = await evidenceOf(records, application);
  return defined({
    ...shownRecord(application),
    facts: factsOf(application),
    report: octets === undefined ? undefined : recordedDecision(octets).report,
    evidence: octets === undefined ? undefined : evidenceFacts(octets),
    personal: octets === undefined ? [DISPLAY_NAME] : [DISPLAY_NAME, ...PERSONAL_FIELDS],
    statusMethods: [],
  });
}

function factsOf({
  profile,
  mode,
  verdict,
  failure,
  correlationId,
}: Application): ShownRecordDetail['facts'] {
  return [
    [{ ja: '署名の形式', en: 'Profile and mode' }, `${profile}, ${mode}`],
    ...(verdict === undefined
      ? []
      : [
          [{ ja: '判断', en: 'Verdict' }, verdict.indication] as const,
          [
            { ja: '署名された内容のSHA-256', en: 'SHA-256 of what is signed' },
            verdict.signedOctetsSha256,
          ] as const,
        ]),
    ...(failure?.row === undefined
      ? []
      : [[{ ja: 'ガイドラインの行', en: 'Row of the guideline' }, failure.row] as const]),
    ...(failure?.said === undefined
      ? []
      : [[{ ja: 'サービスの応答', en: 'What the service said' }, failure.said] as const]),
    ...(correlationId === undefined
      ? []
      : [[{ ja: '追跡番号', en: 'Correlation id' }, correlationId] as const]),
  ];
}
