import type { LoginConfig } from '../../config/login.ts';
import { discoveryUrl } from '../../core/oidc/provider-metadata.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import { examine, type Finding, passed } from './finding.ts';

const CHECK = 'login-proof';

/**
 * What a login at a broker is taken to prove, and whether the broker says that it tells that: without a claim of
 * its own word anybody with a password there could be shown as somebody with a card.
 */
export function examineLoginProof(
  login: LoginConfig,
  http: HttpClient,
  loopbackHttp: 'refused' | 'allowed',
): Promise<Finding> {
  return examine(CHECK, async () => {
    const { issuer, proof } = login;
    if (proof === undefined)
      return warning(
        `JITSUIN_LOGIN_PROOF is not set: of a login at ${issuer} nothing is said of the card, and neither ` +
          'passkeys nor JITSUIN_SIGNER_LOGIN=required can stand on it.',
        'Have the broker put into its ID token by what somebody logged in, and name that: JITSUIN_LOGIN_PROOF=acr=… ' +
          '(samples/brokers).',
      );
    const answer = await http.send({ method: 'GET', url: discoveryUrl(issuer, { loopbackHttp }) });
    const metadata = membersOf(answer.body);
    const { claim, value } = proof;
    const claims = listOf(metadata['claims_supported']);
    const values = claim === 'acr' ? listOf(metadata['acr_values_supported']) : undefined;
    if (claims?.includes(claim) === false)
      return warning(
        `A login counts as one by card where "${claim}" is "${value}", but ${issuer} does not list that claim.`,
        'Ask the broker for the claim: every login would be refused as one without proof.',
      );
    if (values?.includes(value) === false)
      return warning(
        `A login counts as one by card where "acr" is "${value}", but ${issuer} does not list that value.`,
        'Compare it with "acr_values_supported" of its discovery document.',
      );
    return passed(
      CHECK,
      `A login counts as one by card where "${claim}" is "${value}"; ` +
        'try with an account that has no card: it must not.',
    );
  });
}

function warning(says: string, advice: string): Finding {
  return { check: CHECK, state: 'warning', says, advice };
}

function membersOf(octets: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(octets).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // the check of the discovery document says so
    return {};
  }
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
