import { describe, expect, it } from 'vitest';
import type { ApplicationId, TenantId } from '../../../src/core/brand.ts';
import type { Indication } from '../../../src/core/report.ts';
import type { Application, ApplicationState } from '../../../src/core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../../src/core/sign-transaction/citizen-messages.ts';
import type { ApplicationQuery, ApplicationStore } from '../../../src/ports/application-store.ts';
import { type GovRecords, govRecords } from '../../../src/roles/gov/console/records.ts';
import { FILTERS } from '../../../src/roles/relying-party/console/records.ts';

const INDICATIONS: readonly Indication[] = ['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'];
const STATES = Object.keys(STATE_MESSAGES) as ApplicationState[];

const application = (
  number: number,
  state: ApplicationState,
  indication?: Indication,
  subIndication = 'TRY_LATER',
) =>
  ({
    id: `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`,
    tenant: 't' as TenantId,
    state,
    createdAt: number,
    updatedAt: number,
    ...(indication === undefined ? {} : { verdict: { indication, reference: 'r', subIndication } }),
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
  return govRecords({ applications, tenants: () => ['t'] } as object as GovRecords);
}

describe('the list of an agency', () => {
  const all = [
    ...INDICATIONS.map((indication, index) => application(index + 1, 'decided', indication)),
    application(9, 'decided', 'INDETERMINATE', 'REVOKED_NO_POE'),
    ...STATES.filter((state) => state !== 'decided').map((state, index) => application(index + 10, state)),
  ];

  it.each(FILTERS.map(({ value }) => value))('narrowed to %s has those and no others', async (status) => {
    const { rows, next } = await recordsOf(all).list({ status }, undefined, 50);
    expect(rows.map((row) => row.outcome)).toEqual([status]);
    expect(next).toBeUndefined();
  });

  it('shows everything when it is not narrowed, each by its verdict where it has one', async () => {
    const { rows } = await recordsOf(all).list({}, undefined, 50);
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(FILTERS.map(({ value }) => value).sort());
    for (const { status, outcome, code } of rows) {
      const sub = outcome === 'not-confirmed' ? 'REVOKED_NO_POE' : 'TRY_LATER';
      expect(code).toBe(INDICATIONS.some((indication) => indication === status) ? sub : undefined);
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
      const page = await records.list({ status: 'wrong' }, after, 2);
      expect(page.rows.length).toBeLessThanOrEqual(2);
      seen.push(...page.rows.map(({ id }) => id as ApplicationId));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
  });
});
