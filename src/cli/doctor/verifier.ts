import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { type PolicySettings, readPolicy } from '../../roles/signature-verifier/wiring.ts';
import { algorithmEndsOf } from '../../verifier/policy/policy-file.ts';
import { readCrlFields } from '../../verifier/revocation/crl-fields.ts';
import { crlForm } from '../../verifier/revocation/crl-intake.ts';
import { certificatesFromPem } from '../../verifier/x509/pem.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

export interface VerifierPlace extends PolicySettings {
  readonly trustFile: string;
  readonly ocspUrl?: string;
  readonly crlUrl?: string;
  readonly crlDir?: string;
}

/**
 * What a verifier (pf, gov) stands on beside its keys: trust anchors with their end, and a source of revocation
 * data.
 */
export async function examineVerifier(place: VerifierPlace): Promise<readonly Finding[]> {
  return [await examineAnchors(place.trustFile), await examinePolicy(place), await examineRevocation(place)];
}

function examineAnchors(file: string): Promise<Finding> {
  const check = 'trust-anchors';
  return examine(
    check,
    async () => {
      const anchors = certificatesFromPem(await readFile(file, 'utf8'));
      const now = systemClock.now();
      const good = anchors.filter(({ notAfter }) => now < notAfter);
      const end = new Date(Math.max(...anchors.map(({ notAfter }) => notAfter))).toISOString().slice(0, 10);
      const says = `${good.length} of ${anchors.length} trust anchor(s) are valid now, the last until ${end}.`;
      return good.length > 0
        ? passed(check, says)
        : failed(check, says, `Put the current anchors into ${file}.`);
    },
    () =>
      `Put the trust anchors of this environment into ${file} as PEM; compare their fingerprints ` +
      'with the published ones.',
  );
}

/** Which policy applies, and which algorithm ends within the time that the policy wants to be warned. */
function examinePolicy(place: VerifierPlace): Promise<Finding> {
  const check = 'validation-policy';
  return examine(
    check,
    async () => {
      const policy = await readPolicy(place);
      const { name, algorithms } = policy.content;
      const says = `"${name}", SHA-256 ${policy.sha256}${place.policyFile === undefined ? ' (shipped)' : ''}.`;
      const horizon = systemClock.now() + algorithms.warnDaysBefore * 86_400_000;
      const soon = algorithmEndsOf(policy).filter(({ at }) => at < horizon);
      if (soon.length === 0) return passed(check, says);
      const ends = soon.map(
        ({ use, at }) => `${use.slice('algorithm-'.length)} on ${new Date(at).toISOString().slice(0, 10)}`,
      );
      const advice =
        'What is signed with it later is held. Evidence made before needs its time-stamps by then (JITSUIN_TSA_URL).';
      return { check, state: 'warning', says: `${says} By it these end: ${ends.join(', ')}.`, advice };
    },
    () => 'See samples/guides/policy-file.md; samples/policies has whole files to begin with.',
  );
}

const LIST_ADVICE =
  'Have these delivered anew, in DER, and renamed into the folder when whole. Until then the lists before them count.';

/** What keeps a file of the folder from being a list that counts now; who signed it is judged when it is used. */
async function listFault(folder: string, name: string): Promise<readonly string[]> {
  const octets = await readFile(join(folder, name));
  const form = crlForm(octets);
  if (form === 'pem') return [`${name} is PEM; lists are DER.`];
  if (form !== undefined) return [`${name} has octets after its end, perhaps a line end.`];
  const now = systemClock.now();
  try {
    const { thisUpdate, nextUpdate = 0 } = readCrlFields(octets);
    if (thisUpdate > now + 60_000)
      return [`${name} is from the future, ${new Date(thisUpdate).toISOString()}.`];
    return nextUpdate < now ? [`${name} ended ${new Date(nextUpdate).toISOString()}.`] : [];
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return [`${name} is no CRL.`];
  }
}

function examineRevocation({ ocspUrl, crlUrl, crlDir }: VerifierPlace): Promise<Finding> {
  const check = 'revocation-source';
  return examine(check, async () => {
    const sources = [ocspUrl, crlUrl].filter((url) => url !== undefined).map((url) => new URL(url).host);
    if (crlDir !== undefined) {
      if (!existsSync(crlDir))
        return failed(check, `${crlDir} is not there.`, 'Make it and have CRLs delivered there.');
      const names = (await readdir(crlDir)).filter((name) => name.endsWith('.crl'));
      sources.push(`${crlDir} (${names.length} lists)`);
      const faults = (await Promise.all(names.map((name) => listFault(crlDir, name)))).flat();
      if (faults.length > 0) return { check, state: 'warning', says: faults.join(' '), advice: LIST_ADVICE };
    }
    if (sources.length > 0) return passed(check, `Configured: ${sources.join(', ')}.`);
    return failed(
      check,
      'No source of revocation data is configured: every verdict would be INDETERMINATE.',
      'Set JITSUIN_OCSP_URL, JITSUIN_CRL_URL or JITSUIN_CRL_DIR.',
    );
  });
}
