import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { meteredLog } from '../../../src/adapters/telemetry/metered-log.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { applicationsList } from '../../../src/cli/applications/list.ts';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import {
  type Indication,
  OPEN_QUESTIONS,
  PROOFS_OF_FAILURE,
  type SubIndication,
  type VerdictClass,
} from '../../../src/core/indications.ts';
import {
  OUTCOMES,
  type OutcomeWord,
  outcomeOfApplication,
  outcomeOfReport,
  outcomeOfVerification,
} from '../../../src/core/outcomes.ts';
import { conclude, finding, type Report } from '../../../src/core/report.ts';
import type {
  Application,
  ApplicationState,
  Verdict,
} from '../../../src/core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../../src/core/sign-transaction/citizen-messages.ts';
import { applyEvent, isFinal } from '../../../src/core/sign-transaction/machine.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { applicationView } from '../../../src/http/relying-party/application-view.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import type { ApplicationStore } from '../../../src/ports/application-store.ts';
import type { VerificationStore } from '../../../src/ports/verification-store.ts';
import { type GovRecords, govRecords } from '../../../src/roles/gov/console/records.ts';
import { FILTERS as PF_FILTERS, pfRecords } from '../../../src/roles/pf/console/records.ts';
import { effectsOf } from '../../../src/rp/effects.ts';
import { completionPage } from '../../../src/web/applicant/completion-page.ts';
import { paperPage } from '../../../src/web/applicant/paper-page.ts';
import type { ConsoleRequest } from '../../../src/web/console/console.ts';
import type { ConsoleRecords } from '../../../src/web/console/console-ports.ts';
import { recordListPage } from '../../../src/web/console/record-list-page.ts';
import { validationReportPage } from '../../../src/web/validation-report/report-page.ts';
import { reportPage } from '../../../src/web/verify/pages.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { received } from '../../support/flow.ts';

const AT = Date.UTC(2026, 10, 30, 3) as EpochMillis;
const STATES = Object.keys(STATE_MESSAGES) as readonly ApplicationState[];
const CLASSES: readonly VerdictClass[] = ['retry', 'hold', 'not-for-this-input'];

/** Every indication with every sub-indication that may go with it, in every class that it may have. */
const REPORTS: readonly Report[] = [
  { indication: 'TOTAL-PASSED', checks: [], validationTime: AT },
  ...PROOFS_OF_FAILURE.map((sub) => reportOf('TOTAL-FAILED', sub, 'final')),
  ...OPEN_QUESTIONS.flatMap((sub) => CLASSES.map((of) => reportOf('INDETERMINATE', sub, of))),
];

function reportOf(indication: Indication, subIndication: SubIndication, of: VerdictClass): Report {
  return { indication, subIndication, class: of, checks: [], validationTime: AT };
}

const named = (reports: readonly Report[]) =>
  reports.map(
    (report) => [`${report.indication} ${report.subIndication ?? ''} ${report.class ?? ''}`, report] as const,
  );
const KEPT = named(REPORTS.filter(({ class: of }) => of === undefined || of === 'final' || of === 'retry'));

function verdictOf({ indication, subIndication }: Report): Verdict {
  const verdict = { indication, signedOctetsSha256: 'f'.repeat(64), decidedAt: AT, reference: 'r' };
  return subIndication === undefined ? verdict : { ...verdict, subIndication };
}

/** What the record says, told apart from the table that is tested. */
function tonesOf({ indication }: Pick<Report, 'indication'>): readonly string[] {
  if (indication === 'TOTAL-PASSED') return ['good'];
  return indication === 'TOTAL-FAILED' ? ['bad'] : ['care', 'held', 'open'];
}

const toneIn = (markup: string, start: string) =>
  new RegExp(`${start}[^>]*class="(?:badge|notice) (\\w+)"`).exec(markup)?.[1] ??
  new RegExp(`class="(?:badge|notice) (\\w+)"[^>]*${start}`).exec(markup)?.[1];
const badgeIn = (row: string) => /<span class="badge (\w+)">([^<]*)<\/span>/.exec(row) ?? [];

/** The one row of a list as the console's page shows it. */
function listed(records: ConsoleRecords, rows: Parameters<typeof recordListPage>[1]['page']['rows']): string {
  const asked = {
    console: { role: 'gov', environment: 'test', records, changes: {} },
    operator: { name: 'n', role: 'viewer' },
    session: { csrf: 'c' },
    request: { path: '/console/records' },
  } as object as ConsoleRequest;
  const page = recordListPage(asked, { filter: {}, page: { rows } });
  return page.slice(page.indexOf('<tbody>'), page.indexOf('</tbody>'));
}

function govOf(all: readonly Application[]): ConsoleRecords {
  const applications = { list: async () => all } as object as ApplicationStore;
  return govRecords({ applications, tenants: () => ['t'] } as object as GovRecords);
}

function pfOf(all: readonly Verification[]): ConsoleRecords {
  const verifications = {
    list: async ({ states, results }: { states?: readonly string[]; results?: readonly string[] }) =>
      all
        .filter(({ state }) => states?.includes(state) ?? true)
        .filter(({ result }) => results?.includes(result ?? '') ?? true),
  } as object as VerificationStore;
  return pfRecords({ verifications, tenants: { assertions: [] } } as object as PlatformOperator);
}

describe('the table', () => {
  it('no two outcomes have the same words, and only a valid signature is good', () => {
    const outcomes = Object.entries(OUTCOMES);
    for (const language of ['ja', 'en'] as const)
      expect(new Set(outcomes.map(([, { label }]) => label[language])).size).toBe(outcomes.length);
    expect(outcomes.filter(([, { tone }]) => tone === 'good').map(([word]) => word)).toEqual(['valid']);
    expect(OUTCOMES.wrong.tone).toBe('bad');
    const colours = ['valid', 'wrong', 'undecided', 'held', 'retried'] as const;
    expect(new Set(colours.map((word) => OUTCOMES[word].tone)).size).toBe(colours.length);
  });

  it.each(named(REPORTS))('%s comes to a tone that it proves', (_name, report) => {
    const { tone, sentence } = OUTCOMES[outcomeOfReport(report)];
    expect(tonesOf(report)).toContain(tone);
    expect(sentence).toBeDefined();
    if (report.class === 'hold') expect(outcomeOfReport(report)).toBe('held');
  });
});

describe('what keeps a file from being judged', () => {
  it.each([
    ['xmldsig.unsigned', 'unsigned'],
    ['xml.not-well-formed', 'not-xml'],
    ['xmldsig.other-form', 'other-form'],
    ['xmldsig.digest', 'wrong'],
    ['revocation.unavailable', 'retried'],
  ] as const)('%s is told apart: %s', (code, word) => {
    const report = conclude([finding('shape', code)], AT);
    expect(outcomeOfReport(report)).toBe(word);
    expect(tonesOf(report)).toContain(OUTCOMES[word].tone);
    expect(reportPage({ report })).toContain(`data-outcome="${word}"`);
    expect(reportPage({ report })).toContain(OUTCOMES[word].sentence?.ja);
  });
});

describe('a report', () => {
  it.each(named(REPORTS))('%s: /verify and 検証結果報告書 say the same words', (_name, report) => {
    const outcome = outcomeOfReport(report);
    const { tone, icon, sentence } = OUTCOMES[outcome];
    const page = reportPage({ report });
    expect(toneIn(page, 'id="verdict"')).toBe(tone);
    expect(page).toContain(`data-outcome="${outcome}">${icon} ${sentence?.ja}`);
    const printed = validationReportPage({ report, process: 'Basic' }, { text: '<x/>' });
    expect(printed).toContain(`data-outcome="${outcome}">${icon}\n${sentence?.ja}`);
    for (const shown of [page, printed]) {
      expect(shown).toContain(`data-indication="${report.indication}"`);
      for (const other of Object.values(OUTCOMES)) {
        if (other.sentence === undefined || other.sentence === sentence) continue;
        expect(shown).not.toContain(`${other.icon} ${other.sentence.ja}`);
      }
    }
    if (report.subIndication !== undefined) expect(printed).toContain(report.subIndication);
  });
});

describe('an application that was decided', () => {
  it.each(KEPT)('%s: list, citizen’s page, paper, API, webhook, metric and CSV', async (_name, report) => {
    const world = fakeWorld();
    const verdict = verdictOf(report);
    const application = await received(world, { state: 'decided', verdict });
    const outcome = outcomeOfApplication(application);
    const { tone, icon, label, citizen } = OUTCOMES[outcome];
    expect(tonesOf(report)).toContain(tone);

    const row = listed(govOf([]), (await govOf([application]).list({}, undefined, 1)).rows);
    expect(badgeIn(row).slice(1)).toEqual([tone, `${icon} ${label.ja}`]);
    expect(row).toContain(`data-status="${report.indication}"`);
    if (report.subIndication !== undefined) expect(row).toContain(report.subIndication);

    const page = completionPage(application, 'full');
    expect(toneIn(page, 'id="state"')).toBe(tone);
    expect(page).toContain(`${icon} ${citizen?.ja}`);
    expect(page.includes('/paper')).toBe(report.indication === 'TOTAL-PASSED');
    if (report.indication === 'TOTAL-PASSED')
      expect(paperPage(application, verdict)).toContain(OUTCOMES.valid.sentence?.ja);

    const view = applicationView(application, 'https://sp.example');
    expect(view.verdict?.indication).toBe(report.indication);
    expect(view.verdict?.sub_indication).toBe(report.subIndication);
    expect(view.failure).toBeUndefined();
    expect(await csvRow(view)).toBe(outcome);
  });

  it('each verdict is told as "decided" by the webhook, and counted by its word', async () => {
    const world = fakeWorld();
    for (const [, report] of KEPT) {
      const verdict = verdictOf(report);
      const before = await received(world, { state: 'fetched' });
      const event = { kind: 'verdict-reached', verdict } as const;
      const next = applyEvent(before, event, AT, world.settings.clocks);
      const [notice] = effectsOf(before, event, next).notices ?? [];
      expect(notice?.type).toBe('application.decided');
      expect(JSON.stringify(notice)).not.toContain(report.indication);
    }
    const metrics = createMetrics();
    const log = meteredLog(world.log, metrics);
    log.info('application.verdict-reached', { outcome: 'wrong' });
    log.info('verification.decided', { outcome: 'valid' });
    const text = await metrics.registry.metrics();
    expect(text).toContain('jitsuin_outcomes_total{outcome="wrong"} 1');
    expect(text).toContain('jitsuin_outcomes_total{outcome="valid"} 1');
  });
});

describe('an application without a verdict', () => {
  it.each(STATES.filter((state) => state !== 'decided'))(
    '%s is neither good nor proved wrong',
    async (state) => {
      const application = await received(fakeWorld(), { state });
      expect(outcomeOfApplication(application)).toBe(state);
      const row = listed(govOf([]), (await govOf([application]).list({}, undefined, 1)).rows);
      const { tone, icon, label } = OUTCOMES[state as OutcomeWord];
      expect(badgeIn(row).slice(1)).toEqual([tone, `${icon} ${label.ja}`]);
      expect(tone).not.toBe('good');
      expect(tone === 'open').toBe(!isFinal(state));
      const view = applicationView(application, 'https://sp.example');
      expect(await csvRow(view)).toBe(state);
      expect(completionPage(application, 'full')).not.toMatch(/有効です|正しくない/);
    },
  );
});

describe('a verification', () => {
  const verification = (fields: Partial<Verification>) =>
    ({ id: 'v', tenant: 't' as TenantId, createdAt: AT, updatedAt: AT, ...fields }) as Verification;
  const ALL: readonly (readonly [Verification, OutcomeWord])[] = [
    [verification({ state: 'received' }), 'verification-received'],
    [verification({ state: 'received', failure: { code: 'certificate.path' } }), 'held'],
    [verification({ state: 'received', failure: { code: 'jwe.decrypt' } }), 'held'],
    [verification({ state: 'received', failure: { code: 'clock.off' } }), 'held'],
    [verification({ state: 'received', failure: { code: 'revocation.unavailable' } }), 'retried'],
    [verification({ state: 'received', failure: { code: 'verification.running' } }), 'retried'],
    [verification({ state: 'refused', failure: { code: 'jwe.form' } }), 'verification-refused'],
    [verification({ state: 'expired', failure: { code: 'certificate.path' } }), 'verification-expired'],
    [verification({ state: 'decided', deletedAt: AT }), 'verification-deleted'],
    ...REPORTS.map(
      (report) =>
        [
          verification({
            state: 'decided',
            report,
            result: report.indication === 'TOTAL-PASSED' ? 'OK' : 'SIGNATURE_MISMATCH',
          }),
          outcomeOfApplication({ state: 'decided', verdict: report }),
        ] as const,
    ),
  ];

  it.each(
    ALL.map(([one, outcome]) => [outcome, one.failure?.code ?? one.report?.subIndication, one] as const),
  )('%s by %s: words and tone in the list', async (outcome, _by, one) => {
    expect(outcomeOfVerification(one)).toBe(outcome);
    const row = listed(pfOf([]), (await pfOf([one]).list({}, undefined, 1)).rows);
    const { tone, icon, label } = OUTCOMES[outcome];
    expect(badgeIn(row).slice(1)).toEqual([tone, `${icon} ${label.ja}`]);
    if (one.report !== undefined && one.deletedAt === undefined)
      expect(tonesOf(one.report)).toContain(badgeIn(row)[1]);
  });

  it.each(PF_FILTERS.filter(({ value }) => value in OUTCOMES).map(({ value }) => value))(
    'narrowed to %s: those and no others',
    async (status) => {
      const { rows } = await pfOf(ALL.map(([one]) => one)).list({ status }, undefined, 500);
      expect(rows).toHaveLength(ALL.filter(([, outcome]) => outcome === status).length);
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set([status]));
    },
  );
});

/** What `applications list` prints in the column `outcome` for what the API gives. */
async function csvRow(view: object): Promise<string | undefined> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: [view] }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    let printed = '';
    const { port } = server.address() as AddressInfo;
    const status = await applicationsList.run(['--url', `http://127.0.0.1:${port}`], {
      stdout: (text) => {
        printed += text;
      },
      stderr: () => undefined,
      isTty: false,
      env: { JITSUIN_API_KEY: 'k' },
      signal: new AbortController().signal,
    });
    expect(status).toBe(0);
    const [head = '', row = ''] = printed.trim().split('\r\n');
    return row.split(',')[head.split(',').indexOf('outcome')];
  } finally {
    server.close();
  }
}
