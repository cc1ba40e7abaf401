import { afterAll, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { HOUR_MILLIS, MINUTE_MILLIS } from '../../../src/core/spans.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { withOcspAnswers } from '../../../src/verification/evidence/ocsp-for-xades.ts';
import { xadesDocument } from '../../../src/verifier/xades/xades-export.ts';
import { xadesSource } from '../../../src/verifier/xades/xades-source.ts';
import { FakeLog } from '../../support/fakes.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor, registry, trustAnchors } from '../../unit/evidence/evidence-kit.ts';
import { stampWithData, tokenOver, tsa } from '../../unit/timestamp/tsa-kit.ts';
import { type DssQuestion, openDss } from './dss-kit.ts';

// What EU DSS 6.4 really says, as src/decisions/evidence-time-stamps.md has it. Where it says something else one day,
// the decision is to be written anew.
const dss = openDss();
afterAll(() => dss?.close());

const trust = [...trustAnchors.map(({ der }) => der), tsa.rootCertificate];
const stamped = new Date(NOW).toISOString().replace('.000', '');
const exported = (NOW + MINUTE_MILLIS) as EpochMillis;
const asked = NOW + HOUR_MILLIS;
const source = (method: 'OCSP' | 'CRL', profile: 'enveloped' | 'by-id' = 'enveloped') =>
  xadesSource(evidenceFor('x', 'hanako', method, profile).octets);

/** DSS's verdict under its own policy, then without its demand of signed properties. */
function verdicts(question: Omit<DssQuestion, 'policy' | 'at' | 'trust'>) {
  const policies = ['default', 'no-signed-properties'] as const;
  const answers = dss?.ask(policies.map((policy) => ({ ...question, policy, at: asked, trust }))) ?? [];
  return answers.map((answer) => {
    const one = (name: string) => answer[name]?.join(',') ?? '';
    return {
      verdict: `${one('indication')}/${one('sub-indication')}`,
      format: one('format'),
      proved: one('best-signature-time'),
      intact: one('signature-intact'),
      stamps: answer['time-stamp'] ?? [],
      stampVerdicts: answer['time-stamp-indication'] ?? [],
      revocation: answer['revocation'] ?? [],
      errors: answer['error'] ?? [],
    };
  });
}
const told = (answers: ReturnType<typeof verdicts>) => answers.map(({ verdict }) => verdict);
const changed = (document: Uint8Array, from: string | RegExp, to: string) => {
  const text = Buffer.from(document).toString();
  const other = text.replace(from, to);
  expect(other).not.toBe(text);
  return Buffer.from(other);
};

const BOTH_INTACT = [
  `SIGNATURE_TIMESTAMP intact valid ${stamped}`,
  `ARCHIVE_TIMESTAMP intact valid ${stamped}`,
];
const DEMANDS_PROPERTIES = 'INDETERMINATE/SIG_CONSTRAINTS_FAILURE';
const NO_REVOCATION_DATA = 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE';

describe.skipIf(dss === undefined)('EU DSS', () => {
  describe.each(['enveloped', 'by-id'] as const)('about a signed document of %s', (profile) => {
    const { document, ocsp } = source('OCSP', profile);
    const { crls } = source('CRL', profile);

    it('passes it with an OCSP answer, once it does not demand signed properties', () => {
      const answers = verdicts({ document, ocsp });
      expect(told(answers)).toEqual([DEMANDS_PROPERTIES, 'TOTAL_PASSED/']);
      expect(answers.map(({ format }) => format)).toEqual(['XML-NOT-ETSI', 'XML-NOT-ETSI']);
      expect(answers[0]?.errors).toContain('BBB_SAV_ISQPSTP_ANS');
    });

    it("reads no CRL of the JPKI's form: the same as none", () => {
      const answers = verdicts({ document, crl: crls });
      expect(told(answers)).toEqual([NO_REVOCATION_DATA, NO_REVOCATION_DATA]);
      expect(answers[0]?.revocation).toEqual([]);
      expect(told(verdicts({ document }))).toEqual([NO_REVOCATION_DATA, NO_REVOCATION_DATA]);
    });

    it('finds the change in another text', () => {
      const answers = verdicts({
        document: changed(document, /(<\/?)([^\s<>/?!]+)>([^<>]+)</, '$1$2>他$3<'),
        ocsp,
      });
      expect(answers.map(({ intact }) => intact)).toEqual(['false', 'false']);
      expect(told(answers)).not.toContain('TOTAL_PASSED/');
    });
  });

  describe.each(['enveloped', 'by-id'] as const)('about the XAdES export of %s', (profile) => {
    const made = (method: 'OCSP' | 'CRL') => xadesDocument(source(method, profile), stampWithData);

    it('finds both time-stamps good by what is inside alone, and the time proved by them', async () => {
      const answers = verdicts({ document: await made('OCSP') });
      for (const answer of answers) {
        expect(answer.stamps).toEqual(BOTH_INTACT);
        expect(answer.stampVerdicts).toEqual(['PASSED/null', 'PASSED/null']);
        expect(answer.revocation).toEqual(['CRL INPUT_DOCUMENT', 'OCSP INPUT_DOCUMENT']);
        expect(answer.proved).toBe(stamped);
        expect(answer.intact).toBe('true');
      }
      expect(told(answers)).toEqual([DEMANDS_PROPERTIES, 'TOTAL_PASSED/']);
    });

    it('names no XAdES level: nothing signed names the certificate', async () => {
      const formats = verdicts({ document: await made('OCSP') }).map(({ format }) => format);
      expect(formats).toEqual(['XML-NOT-ETSI', 'XML-NOT-ETSI']);
    });

    it("passes no record by the JPKI's CRL, though the time-stamps are good", async () => {
      const answers = verdicts({ document: await made('CRL') });
      expect(answers[1]?.stampVerdicts).toEqual(['PASSED/null', 'PASSED/null']);
      expect(told(answers)).toEqual([NO_REVOCATION_DATA, NO_REVOCATION_DATA]);
    });

    it('passes one by CRL that was given an OCSP answer of the export', async () => {
      const ocsp = (request: Uint8Array) =>
        Promise.resolve(new Uint8Array(answerOcsp(registry, request, exported)));
      const asker = { revocation: { ocsp }, clock: { now: () => exported }, log: new FakeLog() };
      const given = await withOcspAnswers(asker, source('CRL', profile));
      const answers = verdicts({ document: await xadesDocument(given, stampWithData) });
      expect(told(answers)).toEqual([DEMANDS_PROPERTIES, 'TOTAL_PASSED/']);
      expect(answers[1]?.proved).toBe(stamped);
    });

    it('finds the archive time-stamp broken over a changed property', async () => {
      const document = changed(
        await made('OCSP'),
        '<xades:RevocationValues>',
        '<xades:RevocationValues Id="x">',
      );
      const answers = verdicts({ document });
      const broken = BOTH_INTACT[0];
      expect(answers[0]?.stamps[0]).toBe(broken);
      expect(answers[0]?.stamps[1]).toContain('ARCHIVE_TIMESTAMP broken');
    });
  });

  it('proves no time where nothing about the authority of the time-stamps is inside', async () => {
    const bare = async (octets: Uint8Array) => ({
      token: tokenOver(octets),
      certificates: [],
      crls: [],
      ocsp: [],
    });
    const [answer] = verdicts({ document: await xadesDocument(source('OCSP'), bare) });
    expect(answer?.stampVerdicts).toEqual([NO_REVOCATION_DATA, NO_REVOCATION_DATA]);
    expect(answer?.proved).not.toBe(stamped);
  });
});
