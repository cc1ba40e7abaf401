import type { ApplicationId, EpochMillis, TenantId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { OUTCOMES, type OutcomeWord, outcomeOfApplication } from '../../../core/outcomes.ts';
import type { Application, ApplicationState } from '../../../core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../../core/sign-transaction/citizen-messages.ts';
import { upstreamErrorRow } from '../../../core/sign-transaction/upstream-errors.ts';
import { DAY_MILLIS } from '../../../core/spans.ts';
import { UUID } from '../../../core/uuid.ts';
import type { ApplicationQuery, ApplicationStore } from '../../../ports/application-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Bilingual } from '../../../web/bilingual.ts';
import type {
  ConsoleRecords,
  RecordFilter,
  ShownRecord,
  ShownRecordDetail,
} from '../../../web/console/console-ports.ts';
import { japaneseDay } from '../../../web/console/days.ts';
import { consoleMessage } from '../../../web/console/messages.ts';
import { recordsOfOutcome } from '../../../web/console/records-of-outcome.ts';
import { stuckApplications } from './stuck.ts';

export interface ShownApplications {
  readonly applications: ApplicationStore;
  readonly tenants: () => readonly string[];
  readonly clock: Clock;
}

const STATES = Object.keys(STATE_MESSAGES) as readonly ApplicationState[];
/** Of an agency: the verifier must act. */
export const HELD_FILTER = { value: 'held', label: OUTCOMES.held.label } as const;
const DECIDED: readonly OutcomeWord[] = ['valid', 'wrong', 'not-confirmed', 'undecided'];
/** A decided application is found by what was found: "the verification is done" is no outcome. */
export const FILTERS = [...STATES.filter((state) => state !== 'decided'), ...DECIDED].map((value) => ({
  value,
  label: OUTCOMES[value].label,
}));

/** What the consoles of an sp and of an agency show of an application: no document, no certificate. */
export function applicationRecords(records: ShownApplications): ConsoleRecords {
  const { applications, tenants } = records;
  const get = (id: string) => applications.get(id as ApplicationId);
  return {
    filters: FILTERS,
    tenants,
    list: async (filter, after, limit) => {
      const first = after === undefined ? undefined : (after as ApplicationId);
      const question = {
        read: (from: ApplicationId | undefined, most: number) =>
          applications.list(defined({ ...queryOf(filter), after: from, limit: most })),
        outcomeOf: outcomeOfApplication,
        wanted: [...FILTERS, HELD_FILTER].find(({ value }) => value === filter.status)?.value,
      };
      const { found, next } = await recordsOfOutcome(question, first, limit);
      return defined({ rows: found.map(shownRecord), next });
    },
    search: async (text) => {
      if (UUID.test(text) && (await get(text)) !== undefined) return [text];
      const found = await applications.list({ reference: text, limit: MOST_FOUND });
      return found.map(({ id }) => id);
    },
    find: async (id) => {
      const application = await get(id);
      return application === undefined ? undefined : shownDetail(application);
    },
    stuck: (limit) => stuckApplications(records, limit),
  };
}

const MOST_FOUND = 20;
function queryOf({ tenant, status, from, to }: RecordFilter): Omit<ApplicationQuery, 'limit'> {
  const decided = DECIDED.some((word) => word === status);
  const wanted = status === HELD_FILTER.value ? 'fetched' : status;
  const state = decided ? 'decided' : STATES.find((candidate) => candidate === wanted);
  return defined({
    tenant: tenant === undefined ? undefined : (tenant as TenantId),
    states: state === undefined ? undefined : [state],
    from: from === undefined ? undefined : japaneseDay(from),
    until: to === undefined ? undefined : ((japaneseDay(to) + DAY_MILLIS) as EpochMillis),
  });
}

function shownRecord(application: Application): ShownRecord {
  const { id, tenant, state, verdict, failure, createdAt, updatedAt, displayName, externalId } = application;
  return defined({
    id,
    tenant,
    status: verdict?.indication ?? state,
    outcome: outcomeOfApplication(application),
    createdAt,
    updatedAt,
    code: failure?.code ?? verdict?.subIndication,
    name: displayName,
    externalId,
  });
}

export function shownDetail(application: Application): ShownRecordDetail {
  return defined({
    ...shownRecord(application),
    facts: factsOf(application),
    failure: failureOf(application),
    personal: [],
    statusMethods: [],
  });
}

type Fact = ShownRecordDetail['facts'][number];

function factsOf(application: Application): readonly Fact[] {
  const { profile, mode, verdict, correlationId, signTransactionId, verificationId, returnTo } = application;
  const facts: readonly (readonly [Bilingual, string | undefined])[] = [
    [{ ja: '署名の形式', en: 'Profile and mode' }, `${profile}, ${mode}`],
    [{ ja: '署名対象識別コード', en: 'Identification code' }, application.identificationCode],
    [{ ja: '戻り先', en: 'return_to' }, returnTo],
    [{ ja: '判定', en: 'Verdict' }, verdict?.indication],
    [{ ja: '署名された内容のSHA-256', en: 'SHA-256 of what is signed' }, verdict?.signedOctetsSha256],
    [{ ja: '署名トランザクション', en: 'Sign transaction' }, signTransactionId],
    [{ ja: '検証の番号', en: 'Verification at the platform operator' }, verificationId],
    [{ ja: '要求の番号', en: 'Id of the request (X-Request-Id)' }, correlationId],
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== undefined);
}

/** The guideline's row in words, or our code's; then what the service said. */
function failureOf({ failure }: Application): readonly Bilingual[] | undefined {
  if (failure === undefined) return undefined;
  const row = failure.row === undefined ? undefined : upstreamErrorRow(failure.row);
  const said =
    failure.said === undefined
      ? []
      : [{ ja: `サービスの応答: ${failure.said}`, en: `The service said: ${failure.said}` }];
  if (row === undefined) return [consoleMessage(failure.code), ...said];
  const where = {
    ja: `ガイドラインの行: ${row.id}`,
    en: `Row of the guideline: ${row.id}. ${row.messageEn}`,
  };
  return [row.citizen, where, ...said];
}
