import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../src/core/defined.ts';
import { toUtf8 } from '../../src/core/encoding.ts';
import { startValidation } from '../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../src/verifier/validation-policy.ts';
import { parseCertificate } from '../../src/verifier/x509/certificate.ts';
import { completeSignature } from '../../src/verifier/xmldsig/complete.ts';
import { anchorsOf, anchorsPem, NOW, newRegistry, revocationAnswers, signXml } from './pf-signing.ts';

/** An application of about two thousand octets with a number of its own, signed with the card of a simulated person. */
export function signedApplications(person = 'taro') {
  const registry = newRegistry();
  const one = (number: number): Uint8Array => {
    const { prepared, certificate, signatureValue } = signXml(
      registry,
      person,
      'enveloped',
      application(number),
    );
    const completion = completeSignature(prepared, {
      signatureValue,
      certificate: parseCertificate(certificate),
      validationTime: NOW,
    });
    if (completion.outcome !== 'completed') throw new Error('a signature of the card does not fit');
    return completion.document;
  };
  return { one, registry };
}

function application(number: number): Uint8Array {
  const lines = Array.from(
    { length: 12 },
    (_, line) =>
      `  <項目 番号="${line}"><名称>申請の理由 ${line}</名称><内容>市の規則に基づき申し立てます。${number}</内容></項目>\n`,
  );
  return toUtf8(
    `<?xml version="1.0" encoding="UTF-8"?>\n<申請書 番号="${number}">\n${lines.join('')}</申請書>\n`,
  );
}

/** Such documents in a folder, with the anchors and the CRL that judging them needs beside it. */
export function writeSignedArchive(place: string, count: number) {
  const { one, registry } = signedApplications();
  const documents = join(place, 'documents');
  mkdirSync(documents, { recursive: true });
  for (let number = 1; number <= count; number += 1)
    writeFileSync(join(documents, `${String(number).padStart(6, '0')}.xml`), one(number));
  const [trust, crl] = [join(place, 'anchors.pem'), join(place, 'list.crl')];
  writeFileSync(trust, anchorsPem(registry));
  writeFileSync(crl, crlOver(one(0), registry));
  return { documents, trust, crl, at: new Date(NOW).toISOString() };
}

function crlOver(document: Uint8Array, registry: ReturnType<typeof newRegistry>): Uint8Array {
  const started = startValidation(
    defined({
      subject: { kind: 'document', document, profile: 'enveloped' },
      mode: 'digest-info',
      trustAnchors: anchorsOf(registry),
      at: NOW,
      policy: jpkiSigningPolicy('test', 'CRL'),
    }),
  );
  if (started.kind === 'decided') throw new Error('decided before revocation was asked');
  const [list] = revocationAnswers(registry, started.needs).flatMap(({ crls }) => crls);
  if (list === undefined) throw new Error('no CRL covers the signer');
  return list;
}
