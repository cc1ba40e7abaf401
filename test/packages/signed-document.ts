import type { EpochMillis, SignatureValue } from '../../src/core/brand.ts';
import { prepareSignature } from '../../src/core/xmldsig/prepare.ts';
import { makeCard } from '../../src/simulator/card/card.ts';
import { toPem } from '../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../src/simulator/jpki/crl.ts';
import { makeRegistry } from '../../src/simulator/jpki/registry.ts';
import { parseCertificate } from '../../src/verifier/x509/certificate.ts';
import { completeSignature } from '../../src/verifier/xmldsig/complete.ts';

const DOCUMENT = '<申請書 xmlns="urn:example"><氏名>模擬 太郎</氏名></申請書>';

/** What the page of `@jitsuin/verify` reads: a document signed by a simulated card now, its anchors and its list. */
export function signedDocument(): Readonly<Record<string, Uint8Array | string>> {
  const now = Date.now() as EpochMillis;
  const registry = makeRegistry('packages', now);
  const issued = registry.cards.find(({ resident }) => resident.id === 'taro');
  if (issued === undefined) throw new Error('There is no taro.');
  const prepared = prepareSignature(Buffer.from(DOCUMENT), { profile: 'enveloped' });
  const answer = makeCard(issued).sign(prepared.digestInfo);
  if (answer.kind === 'refused') throw new Error(answer.reason);
  const completion = completeSignature(prepared, {
    signatureValue: answer.signatureValue as Uint8Array as SignatureValue,
    certificate: parseCertificate(answer.certificate),
    validationTime: now,
  });
  if (completion.outcome === 'refused') throw new Error('The card signed something else.');
  return {
    'signed.xml': completion.document,
    'trust-anchors.pem': toPem(registry.authorities.sign.certificate),
    'list.crl': makeCrl(registry, issued.signCertificate.distributionPoint, now) ?? '',
  };
}
