import { describe, expect, it } from 'vitest';
import type { ApplicationId, TenantId } from '../../../src/core/brand.ts';
import type { Indication } from '../../../src/core/report.ts';
import type { Application, ApplicationState } from '../../../src/core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../../src/core/sign-transaction/citizen-messages.ts';
import type { ApplicationQuery, ApplicationStore } from '../../../src/ports/application-store.ts';
import { type GovRecords, govRecords, STATUSES } from '../../../src/roles/gov/console/records.ts';
import { decisionSection } from '../../../src/web/applicant/decision-section.ts';
import { badge, statusBadge } from '../../../src/web/console/status.ts';
import { OUTCOMES } from '../../../src/web/outcomes.ts';

const INDICATIONS: readonly Indication[] = ['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'];
const STATES = Object.keys(STATE_MESSAGES) as ApplicationState[];

const application = (number: number, state: ApplicationState, indication?: Indication) =>
  ({
    id: `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`,
    tenant: 't' as TenantId,
    state,
    createdAt: number,
    updatedAt: number,
    ...(indication === undefined
      ? {}
      : { verdict: { indication, reference: 'r', subIndication: 'TRY_LATER' } }),
  }) as object as Application;

/** A store that answers newest first, by state and cursor, as the real one does. */
function recordsOf(all: readonly Application[]) {
  const newest = [...all].sort((a, b) => (a.id < b.id ? 1 : -1));
  const applications = {
    list: async ({ states, after, limit }: ApplicationQuery) =>
      newest
        .filter(({ state }) => states === undefined || states.includes(state))
        .filter(({ id }) => after === undefined || id < after)
        .slice(0, limit),
  } as object as ApplicationStore;
  return govRecords({ applications, tenants: ['t'] } as object as GovRecords);
}

const toneOf = (markup: string) => /class="(?:badge|notice) (\w+)"/.exec(markup)?.[1];

describe('a bad verdict never looks good', () => {
  it.each(INDICATIONS)('%s has one tone and its own words on every page', (indication) => {
    const { tone, label } = OUTCOMES[indication];
    expect(tone).toBe(
      indication === 'TOTAL-PASSED' ? 'good' : indication === 'TOTAL-FAILED' ? 'bad' : 'care',
    );
    expect(toneOf(badge(indication).markup)).toBe(tone);
    const inList = statusBadge(STATUSES, indication).markup;
    expect(toneOf(inList)).toBe(tone);
    expect(inList).toContain(label.ja);
    const verdict = application(1, 'decided', indication).verdict;
    if (verdict === undefined) throw new Error('no verdict');
    const toCitizen = decisionSection(application(1, 'decided', indication), verdict, 'state').markup;
    expect(toneOf(toCitizen)).toBe(tone);
  });

  it('no state of an application is good by itself', () => {
    for (const state of STATES) expect(toneOf(badge(state).markup)).not.toBe('good');
  });

  it('the words of a verdict are those of nothing else', () => {
    for (const indication of INDICATIONS) {
      const { ja, en } = OUTCOMES[indication].label;
      expect(STATUSES.filter(({ label }) => label.ja === ja || label.en === en)).toHaveLength(1);
    }
  });
});

describe('the list of an agency', () => {
  const all = [
    ...INDICATIONS.map((indication, index) => application(index + 1, 'decided', indication)),
    ...STATES.filter((state) => state !== 'decided').map((state, index) => application(index + 10, state)),
  ];

  it.each(STATUSES.map(({ value }) => value))('narrowed to %s has those and no others', async (status) => {
    const { rows, next } = await recordsOf(all).list({ status }, undefined, 50);
    expect(rows.map((row) => row.status)).toEqual([status]);
    expect(next).toBeUndefined();
  });

  it('shows everything when it is not narrowed, each by its verdict where it has one', async () => {
    const { rows } = await recordsOf(all).list({}, undefined, 50);
    expect(rows.map(({ status }) => status).sort()).toEqual(STATUSES.map(({ value }) => value).sort());
    for (const { status, code } of rows) {
      expect(code).toBe(INDICATIONS.some((indication) => indication === status) ? 'TRY_LATER' : undefined);
    }
  });

  it('goes through many pages of another verdict to the last one of this', async () => {
    const many = Array.from({ length: 205 }, (_item, index) =>
      application(index + 1, 'decided', index % 50 === 0 ? 'TOTAL-FAILED' : 'TOTAL-PASSED'),
    );
    const records = recordsOf(many);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await records.list({ status: 'TOTAL-FAILED' }, after, 2);
      expect(page.rows.length).toBeLessThanOrEqual(2);
      seen.push(...page.rows.map(({ id }) => id as ApplicationId));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
  });
});
