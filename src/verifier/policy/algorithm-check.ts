import { type AgeingAlgorithm, firstEnd } from '../../core/digest/algorithm-ends.ts';
import { type Check, finding } from '../../core/report.ts';
import type { SignatureAlgorithm } from '../../core/xmldsig/algorithms.ts';
import type { ValidationRequest } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { keyKind } from '../x509/key-kind.ts';
import { signatureScheme } from '../x509/signature-algorithm.ts';

const NAME = 'policy-algorithms';

/** What of a judgement has algorithms: the document's signature and digest, and every certificate of the path. */
export interface AlgorithmUse {
  readonly hashes: readonly SignatureAlgorithm['hash'][];
  /** Signer first, anchor last. */
  readonly path: readonly Certificate[];
}

/**
 * Whether the policy takes every algorithm that the judgement stands on for sound at its instant (EN 319 102-1 section
 * 5.2.8), and a word ahead where one ends soon. An algorithm that has ended is the operator's to decide and no fault
 * of the signer: it is held. None where the policy says nothing of ends.
 */
export function algorithmChecks(
  { policy, at }: Pick<ValidationRequest, 'policy' | 'at'>,
  { hashes, path }: AlgorithmUse,
): readonly Check[] {
  const { algorithmEnds } = policy;
  if (algorithmEnds === undefined) return [];
  const refused = hashes.find((hash) => hash !== 'sha1' && !policy.path.keyPolicy.hashes.includes(hash));
  if (refused !== undefined) {
    const detail = `This policy does not accept ${refused}.`;
    // a card cannot choose another: of the JPKI's it is the operator's file that refuses them
    return policy.profile === 'jpki'
      ? [finding(NAME, 'certificate.key-policy', { of: 'issuer', detail })]
      : [finding(NAME, 'xmldsig.weak-algorithm', { detail })];
  }
  const used = algorithmsOf({ hashes, path });
  const { last, warnBefore } = algorithmEnds;
  const ended = used.find((algorithm) => at > firstEnd([algorithm], last));
  if (ended !== undefined) {
    const detail = `By this policy ${ended} was sound until ${dayOf(firstEnd([ended], last))}.`;
    return [finding(NAME, 'certificate.key-policy', { of: 'issuer', detail })];
  }
  const ending = used.filter((algorithm) => at > firstEnd([algorithm], last) - warnBefore);
  if (ending.length === 0) return [{ name: NAME, result: 'passed' }];
  const ends = ending.map((algorithm) => `${algorithm} on ${dayOf(firstEnd([algorithm], last))}`);
  return [{ name: NAME, result: 'passed', detail: `By this policy these end soon: ${ends.join(', ')}.` }];
}

/**
 * Each once: the signature's hashes, the keys of the path, and the hashes of the certificates' own signatures but the
 * anchor's.
 */
function algorithmsOf({ hashes, path }: AlgorithmUse): readonly AgeingAlgorithm[] {
  const ofCertificates = path.slice(0, -1).map(({ signatureAlgorithm }) => {
    const scheme = signatureScheme(signatureAlgorithm);
    return scheme === undefined || scheme.type === 'ed25519' ? undefined : scheme.hash;
  });
  const named = [...hashes, ...ofCertificates].filter((hash) => hash !== undefined && hash !== 'sha1');
  return [...new Set<AgeingAlgorithm>([...named, ...path.map(keyKind)])];
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
