import { describe, expect, it } from 'vitest';
import type { ApplicationId, EpochMillis } from '../../../src/core/brand.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import type { InsideVerification } from '../../../src/ports/inside-verification.ts';
import type { RevocationSource } from '../../../src/ports/revocation-source.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { createVerifyInside } from '../../../src/verification/judge-clear-result.ts';
import { createRevocationWatch } from '../../../src/verification/revocation/revocation-watch.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import type { VerifiedResponder } from '../../../src/verifier/revocation/revocation-types.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { APPLICATIONS, anchorsOf, NOW, newRegistry, signXml } from '../../support/pf-signing.ts';
import { KeptLog, SharedClock } from '../../support/pf-world.ts';

const registry = newRegistry();
const signed = signXml(registry, 'taro', 'enveloped');
const input: InsideVerification = {
  application: 'application-1' as ApplicationId,
  tenant: 'tenant-1',
  profile: 'enveloped',
  mode: 'digest-info',
  data: signed.prepared.data,
  prepared: signed.prepared.state,
  document: APPLICATIONS.enveloped,
  files: [],
  certificate: signed.certificate,
  signatureValue: signed.signatureValue,
  at: NOW,
  patience: 'may-wait',
};

function agency(checkMethod: 'CRL' | 'OCSP', source: { clockOffset: number }) {
  const kept = new Map<string, Uint8Array>();
  const log = new KeptLog();
  const clock = new SharedClock();
  const revocation: RevocationSource = {
    ocsp: async (request) => new Uint8Array(answerOcsp(registry, request, NOW)),
    crl: async (name) => new Uint8Array(makeCrl(registry, name, NOW) ?? []),
    clockOffset: () => source.clockOffset,
  };
  const revocationWatch = createRevocationWatch(clock, log);
  const cached = new Map<string, VerifiedResponder>();
  const verify = createVerifyInside({
    responderCache: cached,
    forms: formCatalogue(),
    policy: shippedFor('test'),
    ...{ checkMethod, clockTolerance: 60_000, revocation, log, revocationWatch },
    trustAnchors: anchorsOf(registry),
    evidence: {
      put: async (id, _tenant, octets) => void kept.set(id, octets),
      get: async (id) => kept.get(id),
      sealOf: async () => undefined,
      delete: async (id) => void kept.delete(id),
      collectFiles: async () => 0,
    },
    random: { octets: (length) => new Uint8Array(length).fill(7), id: () => 'id' },
  });
  return { verify, kept, log, clock, revocationWatch, cached };
}

describe('the agency’s own verification', () => {
  it.each(['CRL', 'OCSP'] as const)('by %s gives a verdict with its evidence', async (method) => {
    const { verify, kept } = agency(method, { clockOffset: 59_000 });
    const outcome = await verify(input);
    expect(outcome).toMatchObject({ kind: 'decided', verdict: { indication: 'TOTAL-PASSED' } });
    expect([...kept.keys()]).toEqual(['application-1']);
  });

  it('verifies the certificate of an OCSP responder once', async () => {
    const { verify, cached, kept } = agency('OCSP', { clockOffset: 0 });
    await verify(input);
    const [[key, responder] = []] = cached;
    expect(responder?.certificate.ocspNoCheck).toBe(true);
    // One that another verification found is taken: with a wrong one in its place the answer counts no more.
    const leaf = parseCertificate(signed.certificate);
    cached.set(key ?? '', { certificate: leaf, validUntil: leaf.notAfter });
    kept.clear();
    expect(await verify(input)).toEqual({ kind: 'undecided' });
  });

  it.each([61_000, -61_000])(
    'gives none, and an alarm, by a clock that is %i ms off the source’s (K14), to the last',
    async (clockOffset) => {
      const { verify, kept, log } = agency('OCSP', { clockOffset });
      for (const patience of ['may-wait', 'last-word'] as const)
        expect(await verify({ ...input, patience })).toEqual({ kind: 'undecided', code: 'clock.off' });
      expect(kept.size).toBe(0);
      expect(log.lines).toContain('{"event":"clock.off","application":"application-1","code":"clock.off"}');
    },
  );

  it('watches how old its newest CRL is (K11)', async () => {
    const { verify, clock, revocationWatch, log } = agency('CRL', { clockOffset: 0 });
    await verify(input);
    clock.millis = NOW + 86_400_000;
    expect(revocationWatch.check()).toBe(0);
    clock.millis = NOW + 1.7 * 86_400_000;
    expect(revocationWatch.check()).toBe(1);
    expect(log.lines.at(-1)).toContain('revocation.ageing');
  });

  it('judges for the instant given', async () => {
    const { verify } = agency('OCSP', { clockOffset: 0 });
    const late = { ...input, at: (NOW + 20 * 365 * 86_400_000) as EpochMillis };
    // Twenty years on today's revocation data is stale: a clock that is wrong ends nothing as the citizen's fault.
    expect(await verify(late)).toEqual({ kind: 'undecided', code: 'certificate.key-policy' });
  });
});
