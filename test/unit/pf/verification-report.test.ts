import { describe, expect, it } from 'vitest';
import type { TenantId, VerificationId } from '../../../src/core/brand.ts';
import type { Report } from '../../../src/core/report.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { verificationReport } from '../../../src/pf/verification-report.ts';

const REPORT = { indication: 'TOTAL-FAILED', checks: [], validationTime: 1 } as object as Report;
const verification = (change: Partial<Verification>) =>
  ({ id: 'v1' as VerificationId, tenant: 'alpha' as TenantId, ...change }) as Verification;

describe('the report of a verification', () => {
  it('is not there before there is a verdict, and nothing is read for it', async () => {
    let asked = 0;
    const get = async () => {
      asked += 1;
      return undefined;
    };
    await expect(verificationReport({ evidence: { get } as never }, verification({}))).rejects.toMatchObject({
      code: 'transaction.state',
    });
    expect(asked).toBe(0);
  });

  it('is what was decided where no evidence is kept; the evidence of its own tenant is asked for', async () => {
    const asked: unknown[][] = [];
    const get = async (...of: unknown[]) => {
      asked.push(of);
      return undefined;
    };
    const decided = verification({ report: REPORT, signedOctetsSha256: 'ab' });
    expect(await verificationReport({ evidence: { get } as never }, decided)).toEqual({
      id: 'v1',
      report: REPORT,
      signedOctetsSha256: 'ab',
      process: 'Basic',
    });
    expect(asked).toEqual([['v1', 'alpha']]);
  });
});
