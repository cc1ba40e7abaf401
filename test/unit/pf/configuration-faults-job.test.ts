import { describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { judgeAgain } from '../../../src/pf/judge-again.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { submitVerification } from '../../../src/pf/submit-verification.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import {
  type OperatorInMemory,
  operatorInMemory,
  PF_DEADLINE,
  submissionInMemory,
} from '../../support/operator-in-memory.ts';
import { anchorsOf } from '../../support/pf-signing.ts';

/** A fault of ours from receipt to the deadline, and how it is put right. */
interface Fault {
  readonly name: string;
  readonly break: (kit: OperatorInMemory) => Partial<PlatformOperator>;
  readonly mend?: (kit: OperatorInMemory) => void;
  readonly kid?: 'left-out';
}

const thrown = (code: 'key.unavailable' | 'key.not-found' | 'key.state') => async () => {
  throw new JitsuinError(code, 'the keeper');
};
const DAY = 86_400_000;
const octets = (text: string) => async () => new TextEncoder().encode(text);
const revocation = (kit: OperatorInMemory, text: string) => ({
  revocation: { ...kit.operator.revocation, ocsp: octets(text), crl: octets(text) },
});
const clockAhead = (days: number) => (kit: OperatorInMemory) => ({
  clock: { now: () => (kit.clock.now() + days * DAY) as EpochMillis },
});

const FAULTS: readonly Fault[] = [
  { name: 'no anchor', break: () => ({ trustAnchors: [] }) },
  {
    name: 'the other generation alone',
    break: (kit) => ({ trustAnchors: anchorsOf(kit.registry).slice(1) }),
  },
  {
    name: 'the anchors of user authentication',
    break: ({ registry }) => ({
      trustAnchors: certificatesFromPem(toPem(registry.authorities.auth.certificate)),
    }),
  },
  { name: 'the policy of the other environment', break: () => ({ policy: shippedFor('production') }) },
  {
    name: 'no decryption key',
    break: ({ operator: { keys } }) => ({ keys: { ...keys, find: async () => undefined } }),
  },
  {
    name: 'no decryption key for a bundle without kid',
    kid: 'left-out',
    break: ({ operator: { keys } }) => ({ keys: { ...keys, usable: async () => [] } }),
  },
  {
    name: 'an expired decryption key',
    break: ({ keeper }) => {
      keeper.state = 'expired';
      return {};
    },
    mend: ({ keeper }) => {
      keeper.state = 'active';
    },
  },
  {
    name: 'an expired decryption key for a bundle without kid',
    kid: 'left-out',
    break: ({ keeper }) => {
      keeper.state = 'expired';
      return {};
    },
    mend: ({ keeper }) => {
      keeper.state = 'active';
    },
  },
  ...(['key.unavailable', 'key.not-found', 'key.state'] as const).map((code) => ({
    name: `the keystore says ${code}`,
    break: () => ({ keys: { find: thrown(code), usable: thrown(code) } }),
  })),
  ...(['down', 'lost'] as const).map((state) => ({
    name: `the source is ${state}`,
    break: ({ source }: OperatorInMemory) => {
      source.state = state;
      return {};
    },
    mend: ({ source }: OperatorInMemory) => {
      source.state = 'up' as const;
    },
  })),
  { name: 'the source gives a page', break: (kit) => revocation(kit, '<html>busy</html>') },
  { name: 'the source gives nothing', break: (kit) => revocation(kit, '') },
  ...[-3600_000, 120_000, 10 * DAY].map((offset) => ({
    name: `our clock differs from the source's by ${offset} ms`,
    break: ({ source }: OperatorInMemory) => {
      source.clockOffset = offset;
      return {};
    },
    mend: ({ source }: OperatorInMemory) => {
      source.clockOffset = 0;
    },
  })),
];

const jobOf = (id: string, attempt: number) =>
  ({ name: 'verify', version: 1, id: 'job', subject: id, attempt }) as Job;

async function runs(operator: PlatformOperator, id: string, attempt: number): Promise<void> {
  try {
    await verify(operator, jobOf(id, attempt));
  } catch (error) {
    // another run of the queue's heals it, or the sweep ends it
    if (!(error instanceof JitsuinError)) throw error;
  }
}

/** What is about the citizen's certificate or signature. */
const ABOUT_THE_CITIZEN = /^(?:SIGNATURE|CERTIFICATE)_/;

describe('a fault of ours from receipt to deadline', () => {
  const rows = FAULTS.flatMap((fault) => (['OCSP', 'CRL'] as const).map((method) => ({ fault, method })));

  it.each(rows.map((row) => [`${row.fault.name}, ${row.method}`, row] as const))(
    '%s: no word about the citizen, and judged again after it was put right',
    async (_name, { fault, method }) => {
      const kit = await operatorInMemory();
      const { kid } = fault;
      const { submission } = await submissionInMemory(kit, kid === undefined ? { method } : { method, kid });
      const { verification } = await submitVerification(kit.operator, 'alpha' as TenantId, submission, {});
      const { id, createdAt } = verification;
      const broken: PlatformOperator = { ...kit.operator, ...fault.break(kit) };
      for (const [attempt, at] of [0, 60_000, PF_DEADLINE - 20_000, PF_DEADLINE - 14_000].entries()) {
        kit.clock.millis = createdAt + at;
        await runs(broken, id, attempt + 1);
        expect(kit.verifications.records.get(id)?.result ?? '').not.toMatch(ABOUT_THE_CITIZEN);
      }
      kit.clock.millis = createdAt + PF_DEADLINE + 1;
      await sweep(kit.operator);
      const ended = kit.verifications.records.get(id);
      expect([ended?.state, ended?.result]).toEqual(
        ended?.state === 'decided' ? ['decided', 'INDETERMINATE'] : ['expired', undefined],
      );
      fault.mend?.(kit);
      await judgeAgain(kit.operator, id, {});
      await runs(kit.operator, id, 1);
      expect(kit.verifications.records.get(id)?.result).toBe('OK');
      const fees = kit.verifications.written.flatMap(({ effects }) => effects.fees ?? []);
      // one for the tenant, one that the operator owes; nothing for what stayed open
      expect(fees.map((fee) => fee.result)).toEqual(['OK', 'OK']);
    },
  );

  it.each([-3650, -365, -30, 30, 365, 3650])(
    'our clock is %d days off, and nobody tells us',
    async (days) => {
      const kit = await operatorInMemory();
      const { submission } = await submissionInMemory(kit);
      const broken: PlatformOperator = { ...kit.operator, ...clockAhead(days)(kit) };
      const { verification } = await submitVerification(broken, 'alpha' as TenantId, submission, {});
      await runs(broken, verification.id, 1);
      expect(kit.verifications.records.get(verification.id)?.result ?? '').not.toMatch(ABOUT_THE_CITIZEN);
    },
  );
});
