import { beforeAll, describe, expect, it } from 'vitest';
import { japanTime } from '../../../src/core/japan-time.ts';
import type {
  Application,
  ApplicationState,
  Verdict,
} from '../../../src/core/sign-transaction/application.ts';
import { applicationMessage, citizenMessage } from '../../../src/core/sign-transaction/citizen-messages.ts';
import { consequenceOf } from '../../../src/core/sign-transaction/failure.ts';
import { applyEvent } from '../../../src/core/sign-transaction/machine.ts';
import { CLOCKS, MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';
import {
  matchUpstreamError,
  UPSTREAM_ERROR_ROWS,
  upstreamFailure,
} from '../../../src/core/sign-transaction/upstream-errors.ts';
import { canStartAgain } from '../../../src/core/sign-transaction/way-on.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { effectsOf } from '../../../src/rp/effects.ts';
import { startAgain } from '../../../src/rp/start-again.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { BROWSER, received } from '../../support/flow.ts';

const STATES = Object.keys(MACHINE) as ApplicationState[];
/** All rows, and the fallback of each error with a text that no row prints. */
const ROWS = [
  ...UPSTREAM_ERROR_ROWS,
  ...UPSTREAM_ERROR_ROWS.map(({ endpoint, status, error }) =>
    matchUpstreamError(endpoint, { status, error, error_description: '新しい文' }),
  ),
];
const VERDICT: Verdict = {
  indication: 'INDETERMINATE',
  subIndication: 'REVOKED_NO_POE',
  signedOctetsSha256: 'aa',
  decidedAt: 0 as Verdict['decidedAt'],
  reference: 'v',
};

/** What the machine and the use-cases really do next with an application in this state. */
interface Next {
  readonly application: Application;
  readonly queued: boolean;
  readonly signs: boolean;
  readonly again: boolean;
}

/** The fakes' application is a file in mode digest-info. */
function ofFiles(): FakeWorld {
  const world = fakeWorld();
  return { ...world, settings: { ...world.settings, filesInDigestInfo: 'allowed' } };
}

async function nextOf(state: ApplicationState, kept: 'kept' | 'purged'): Promise<Next> {
  const world = ofFiles();
  const before = await received(world);
  const open = state === 'opened' || state === 'authorizing' ? { signTransactionId: 'tx' as never } : {};
  const verdict = state === 'decided' ? { verdict: VERDICT } : {};
  const full: Application = { ...before, ...open, ...verdict, state };
  const { secrets: _purged, ...rest } = full;
  const application: Application = kept === 'kept' ? full : { ...rest, purged: true };
  world.applications.records.set(application.id, application);
  const done = (promise: Promise<unknown>) =>
    promise.then(
      () => true,
      () => false,
    );
  return {
    application,
    queued: effectsOf(before, { kind: 'job-renewed' }, application).jobs !== undefined,
    signs: await done(authorize(world, application, BROWSER)),
    again: await done(startAgain(world, application)),
  };
}

const nexts: Next[] = [];
beforeAll(async () => {
  for (const state of STATES) {
    nexts.push(await nextOf(state, 'kept'), await nextOf(state, 'purged'));
  }
});

describe('each sentence says what the machine does next', () => {
  it.each(ROWS.map((row) => [row.id, row] as const))('%s, in every state, kept and purged', (_, row) => {
    for (const { application, queued, signs, again } of nexts) {
      const { ja = '', en = '' } =
        applicationMessage({ ...application, failure: { code: row.code, row: row.id } }) ?? {};
      const where = `${application.state}: ${ja}`;
      const unfinished = application.secrets !== undefined;
      expect(ja.includes('自動的に'), where).toBe(queued);
      expect(en.includes('by itself'), where).toBe(queued);
      expect(ja.includes('お待ちください'), where).toBe(queued);
      expect(ja.includes('もう一度署名できます'), where).toBe(again);
      expect(en.includes('sign the same application again'), where).toBe(again);
      if (unfinished) expect(ja.includes('「マイナンバーカードで署名する」を押して'), where).toBe(signs);
      expect(ja.includes('お問い合わせ窓口'), where).toBe(asks(application));
      if (again) expect(ja, where).toContain(japanTime(application.purgeAt));
    }
  });

  it.each(ROWS.map((row) => [row.id, row] as const))(
    '%s without a record: nothing follows by itself',
    (_, row) => {
      const { ja, en } = citizenMessage({ code: row.code, row: row.id });
      expect(ja.startsWith(row.citizen.ja)).toBe(true);
      expect(`${ja} ${en}`).not.toMatch(/自動的|お待ちください|by itself|。。|undefined/);
      expect(ja.includes('お問い合わせ窓口')).toBe(row.code === 'upstream.operator');
    },
  );
});

function asks({ state, secrets }: Application): boolean {
  return state === 'failed' || (state === 'decided' && secrets === undefined);
}

describe('the way back lasts as long as the sentence says', () => {
  it.each(
    UPSTREAM_ERROR_ROWS.filter(({ endpoint }) => endpoint === 'result').map((row) => [row.id, row] as const),
  )('%s', async (_, row) => {
    const world = ofFiles();
    const fields = { state: 'authorized' as const, subjectHash: 'sh' };
    const application = await received(world, fields);
    const error = upstreamFailure('result', {
      status: row.status,
      error: row.error,
      error_description: row.errorDescription,
    });
    const consequence = consequenceOf(error);
    if (consequence.kind !== 'end') return;
    const now = world.clock.now();
    const ended = applyEvent(application, consequence.event, now);
    const office = (applicationMessage(ended)?.ja ?? '').includes('市区町村');
    expect(ended.purgeAt - now).toBe(office ? CLOCKS.officeKept : CLOCKS.endedKept);
    expect(office).toBe(['result-3', 'result-4', 'result-5', 'result-7', 'result-8'].includes(row.id));
    if (!office) return;
    const linked = applyEvent(ended, { kind: 'handed-over', signLink: 'l' }, (now + 1) as never);
    const elsewhere = applyEvent(linked, { kind: 'browser-took', browserHash: 'other' }, (now + 2) as never);
    expect(elsewhere.purgeAt).toBe(ended.purgeAt);
    expect(canStartAgain(elsewhere)).toBe(true);
    const successor = await startAgain(world, elsewhere);
    expect(successor.subjectHash).toBe('sh');
    const purged = applyEvent(elsewhere, { kind: 'purged' }, ended.purgeAt);
    expect(() => applyEvent(purged, { kind: 'handed-over', signLink: 'l' }, ended.purgeAt)).toThrow(
      expect.objectContaining({ code: 'transaction.state' }),
    );
  });

  it.each(['failed', 'cancelled'] as const)('no link leads back into %s', async (state) => {
    const application = await received(fakeWorld(), { state });
    expect(() =>
      applyEvent(application, { kind: 'handed-over', signLink: 'l' }, application.updatedAt),
    ).toThrow(expect.objectContaining({ code: 'transaction.state' }));
  });
});
