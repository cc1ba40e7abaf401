import { describe, expect, it } from 'vitest';
import { APPLICATION, PROFILES } from '../support/xmldsig/documents.ts';
import {
  FORM_REFUSED,
  POLICY_REFUSED,
  replaceOnce,
  signDocument,
  verdict,
  verify,
} from '../support/xmldsig/signing.ts';

const DIGEST = 'reference-digest xmldsig.digest';

describe('volume (X9 to X13): a verdict within two seconds of this process', () => {
  const document = signDocument(APPLICATION, 'guideline');
  const many = (count: number, text: string) =>
    replaceOnce(document, '<Signature>', () => `${text.repeat(count)}<Signature>`);

  it.each<[string, string, string]>([
    ['200,000 siblings', many(200_000, '<x/>'), 'TOTAL-PASSED'],
    ['150,000 comments', many(150_000, '<!---->'), 'TOTAL-PASSED'],
    ['150,000 CDATA sections', many(150_000, '<![CDATA[]]>'), 'TOTAL-PASSED'],
    ['depth of 5,000', many(1, `${'<x>'.repeat(5_000)}${'</x>'.repeat(5_000)}`), 'well-formed xml.limit'],
    ['1 MB of <', '<'.repeat(1_000_000), 'well-formed xml.not-well-formed'],
    ['20,000 Signatures', many(20_000, '<Signature/>'), FORM_REFUSED.source],
    ['20,000 申請書', many(20_000, '<申請書/>'), FORM_REFUSED.source],
    [
      'comments between the children of Signature',
      replaceOnce(document, '<SignedInfo>', () => `${'<!---->'.repeat(140_000)}<SignedInfo>`),
      FORM_REFUSED.source,
    ],
    [
      'a SignatureValue of 1 MB',
      replaceOnce(document, /(<SignatureValue>)/, () => `<SignatureValue>${'AAAA'.repeat(250_000)}`),
      'signature-value xmldsig.signature',
    ],
  ])('%s', (_, attack, expected) => {
    const before = process.cpuUsage();
    expect(verdict(verify(attack, 'guideline'))).toMatch(new RegExp(expected));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

describe.each(PROFILES)('a long start tag of the root beside many small elements, profile %s', (profile) => {
  const root = `<ZZ申請情報 xmlns:f="urn:f" 長="${'x'.repeat(400_000)}"`;
  const long = signDocument(replaceOnce(APPLICATION, '<ZZ申請情報', root), profile);
  const many = (pattern: RegExp, text: string) =>
    replaceOnce(long, pattern, (found) => `${text.repeat(20_000)}${found}`);

  it.each<[string, string, string]>([
    ['References', many(/<Reference/, '<Reference/>'), FORM_REFUSED.source],
    [
      'Transforms with a prefixed attribute',
      many(/<Transform /, '<Transform f:a="" Algorithm=""/>'),
      POLICY_REFUSED.source,
    ],
    [
      'foreign Signatures',
      many(/<Signature/, '<f:Signature/>'),
      profile === 'enveloped' ? DIGEST : 'TOTAL-PASSED',
    ],
    [
      'children with a prefixed Id',
      many(/<Signature/, '<x f:Id=""/>'),
      profile === 'enveloped' ? DIGEST : 'TOTAL-PASSED',
    ],
  ])('%s', (_, attack, expected) => {
    const before = process.cpuUsage();
    expect(verdict(verify(attack, profile))).toMatch(new RegExp(expected));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
