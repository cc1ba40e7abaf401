import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { ApplicationState, Verdict } from '../../../src/core/sign-transaction/application.ts';
import { FINAL_APPLICATION_STATES } from '../../../src/core/sign-transaction/application.ts';
import type { ApplicationEvent } from '../../../src/core/sign-transaction/events.ts';
import { applyEvent } from '../../../src/core/sign-transaction/machine.ts';
import { MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';
import { effectsOf } from '../../../src/rp/effects.ts';
import { application } from '../../integration/store/records.ts';

const NOW = 1_750_000_000_000 as EpochMillis;
const failure = { code: 'upstream.final' } as const;
const verdict: Verdict = {
  indication: 'TOTAL-PASSED',
  ...{ signedOctetsSha256: '', decidedAt: NOW, reference: 'v' },
};
const EVENTS: readonly ApplicationEvent[] = [
  { kind: 'verdict-reached', verdict },
  { kind: 'citizen-refused', failure },
  { kind: 'restart-demanded', failure },
  { kind: 'failed', failure },
  { kind: 'timed-out' },
  { kind: 'cancelled', by: 'logout' },
];

describe('what a tenant is told of', () => {
  it('every end of the machine, by its name, with id and state and nothing else; no step on the way', () => {
    const told = new Set<string>();
    for (const [state, { on }] of Object.entries(MACHINE)) {
      for (const event of EVENTS.filter(({ kind }) => on[kind] !== undefined)) {
        const before = { ...application('n'), state: state as ApplicationState };
        const next = applyEvent(before, event, NOW);
        const [notice, ...more] = effectsOf(before, event, next).notices ?? [];
        expect(more).toEqual([]);
        expect(notice).toEqual({
          ...{ type: `application.${next.state}`, tenant: next.tenant, at: NOW },
          data: { id: next.id, state: next.state },
        });
        told.add(next.state);
      }
    }
    expect([...told].sort()).toEqual([...FINAL_APPLICATION_STATES].sort());
    const opened = { ...application('o'), state: 'opened' as const };
    const event: ApplicationEvent = {
      kind: 'citizen-sent',
      ...{ stateHash: 'h', browserHash: 'b', state: 's', nonce: 'n', codeVerifier: 'v' },
    };
    expect(effectsOf(opened, event, applyEvent(opened, event, NOW)).notices).toBeUndefined();
  });
});
