import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OcspTerms } from '../../verifier/revocation/revocation-types.ts';
import { tsaRevocationCheck, tsaRevocationNeeds } from '../../verifier/timestamp/tsa-revocation.ts';
import { parseCertificate } from '../../verifier/x509/certificate.ts';
import { validateCertificationPath } from '../../verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../verifier/x509/path-policy.ts';
import type { XadesSource } from '../../verifier/xades/xades-source.ts';
import { fetchRevocationData, type RevocationAsker } from '../revocation/revocation-data.ts';

interface OcspAsker extends RevocationAsker {
  readonly clock: Clock;
  /** SHA-1 when absent. */
  readonly certId?: OcspTerms['certId'];
}

/**
 * The source with OCSP answers of now where its record has only CRLs: software of the EU does not read one of the
 * JPKI's form (its IssuingDistributionPoint names a directory and is critical). Unchanged where it has answers
 * already, or where no responder is configured.
 * @throws JitsuinError `revocation.*` (no answer, or none that is right), `certificate.revoked`
 */
export async function withOcspAnswers(asker: OcspAsker, source: XadesSource): Promise<XadesSource> {
  const [leaf, ...above] = source.certificates.map(parseCertificate);
  if (source.ocsp.length > 0 || asker.revocation.ocsp === undefined || leaf === undefined) return source;
  const { at } = source;
  const { path } = validateCertificationPath({
    leaf,
    intermediates: above.slice(0, -1),
    trustAnchors: above.slice(-1),
    at,
    policy: GENERAL_PATH_POLICY,
  });
  // Without a nonce: the answer is kept and judged again in decades, when nobody knows the question.
  const found = await fetchRevocationData(asker, tsaRevocationNeeds(path, 'OCSP', asker.certId));
  const ocsp = found.flatMap((data) => data.ocsp);
  const check = tsaRevocationCheck(path, at, [{ at: asker.clock.now(), crls: [], ocsp }]);
  if (ocsp.length > 0 && check.result === 'passed') return { ...source, ocsp };
  const code = check.code === 'certificate.revoked' ? check.code : 'revocation.unavailable';
  throw new JitsuinError(
    code,
    'No OCSP answer says that the certificate of the signer is good.',
    defined({ at: check.code }),
  );
}
