import { expect, it } from 'vitest';
import type { ApplicationId } from '../../../src/core/brand.ts';
import type { Application, Verdict } from '../../../src/core/sign-transaction/application.ts';
import { judgeAgain, judgeableAgain } from '../../../src/rp/judge-again.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { received, stored } from '../../support/flow.ts';

const verdict: Verdict = {
  indication: 'INDETERMINATE',
  ...{ subIndication: 'TRY_LATER', signedOctetsSha256: 'aa', decidedAt: 1 as never, reference: 'kept-1' },
};
const RESULT = { clearCertificate: new Uint8Array([1]), clearSignatureValue: new Uint8Array([2]) };

async function world(ended: Partial<Application>, result: object = RESULT) {
  const fakes = fakeWorld();
  const before = await received(fakes);
  const secrets = { ...before.secrets, ...result } as Application['secrets'];
  const application = { ...before, state: 'decided', verdict, secrets, ...ended } as Application;
  fakes.applications.records.set(application.id, application);
  const gone: string[] = [];
  const evidence = { delete: async (id: string) => void gone.push(id) };
  const listed = { list: async () => [application], get: async () => application };
  return { fakes, gone, listed, id: application.id, ports: { ...fakes, evidence } };
}

it('an undecided end goes with its evidence, and a job has it verified', async () => {
  const { fakes, gone, listed, id, ports } = await world({});
  expect((await judgeableAgain(listed)).map((one) => one.id)).toEqual([id]);
  const again = await judgeAgain(ports, id, { by: 'test' });
  expect(again.state).toBe('fetched');
  expect(await stored(fakes, id)).not.toHaveProperty('verdict');
  expect(gone).toEqual(['kept-1']);
  expect(fakes.applications.jobs.at(-1)).toMatchObject({ name: 'verify-application', subject: id });
  expect(fakes.applications.audit.at(-1)).toMatchObject({
    event: 'application.judged-again',
    facts: { by: 'test' },
  });
});

it.each([
  ['a verdict', { verdict: { ...verdict, indication: 'TOTAL-FAILED' as const } }, RESULT],
  ['an application without its result', {}, {}],
  ['one under way', { state: 'fetched' as const }, RESULT],
])('%s stands, with its evidence', async (_, ended, result) => {
  const { gone, listed, id, ports } = await world(ended, result);
  expect(await judgeableAgain(listed)).toEqual([]);
  await expect(judgeAgain(ports, id, {})).rejects.toMatchObject({ code: 'transaction.state' });
  expect(gone).toEqual([]);
});

it('an unknown id is none', async () => {
  const { ports } = await world({});
  const run = judgeAgain(ports, 'unknown' as ApplicationId, {});
  await expect(run).rejects.toMatchObject({ code: 'record.not-found' });
});
