import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { type KeySet, readKeySet } from '../../core/oidc/key-set.ts';
import {
  checkProviderMetadata,
  discoveryUrl,
  type MetadataRule,
  type ProviderMetadata,
} from '../../core/oidc/provider-metadata.ts';
import { HOUR_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import { createCachedDocument } from './cached-document.ts';
import { createKeySetSource, type KeySetSource } from './key-set-source.ts';
import type { AuthAndSignOptions } from './options.ts';

/** Discovery is asked for again after this time; a document at hand serves on while the service cannot be reached. */
const METADATA_FRESH_MILLIS = 10 * MINUTE_MILLIS;
const METADATA_LIFE_MILLIS = HOUR_MILLIS;
/**
 * How long a key set serves when no newer one can be had. It is asked for at every ID token check (guideline, 検証準備),
 * so this bounds only an outage of that endpoint, and with it how long a withdrawn key could still be accepted.
 */
export const KEY_SET_LIFE_MILLIS = 10 * MINUTE_MILLIS;
const MAX_DOCUMENT_OCTETS = 262_144;

/** The OpenID Provider: its checked metadata and its keys. */
export interface Provider {
  metadata(): Promise<ProviderMetadata>;
  readonly keySets: KeySetSource;
}

export function createProvider(options: AuthAndSignOptions): Provider {
  const rule = metadataRule(options);
  const url = discoveryUrl(options.issuer, rule);
  const discovery = createCachedDocument({
    clock: options.clock,
    lifeMillis: METADATA_LIFE_MILLIS,
    fetch: async () => processMetadataResponse(await documentRequest(options, url), options.issuer, rule),
  });
  const metadata = () => discovery.get(METADATA_FRESH_MILLIS);
  const keySet = createCachedDocument({
    clock: options.clock,
    lifeMillis: KEY_SET_LIFE_MILLIS,
    fetch: async () => {
      const { jwksUri } = await metadata();
      const set = processKeySetResponse(await documentRequest(options, jwksUri), options);
      if (set.exposed !== undefined)
        options.log?.error('service.private-key-shown', { code: 'oidc.token-key', count: set.exposed });
      return set;
    },
  });
  return { metadata, keySets: createKeySetSource(keySet, options.clock) };
}

/** Which URLs the configuration permits. */
export function metadataRule(options: AuthAndSignOptions): MetadataRule {
  const loopbackHttp = options.allowLoopbackHttp ? 'allowed' : 'refused';
  return defined({
    loopbackHttp,
    userinfo: (options.userInfo ?? 'userinfo') === 'userinfo' ? 'required' : 'optional',
    otherOrigins: options.otherOrigins,
  });
}

/**
 * Asked for while a code waits to be exchanged or its answer to be judged: turned away, the signature would be
 * lost.
 */
function documentRequest(options: AuthAndSignOptions, url: string): Promise<HttpResponse> {
  return options.http.send({ method: 'GET', url, patience: 'long', maxResponseOctets: MAX_DOCUMENT_OCTETS });
}

/** @throws JitsuinError `upstream.response`, `oidc.metadata`, `oidc.issuer` */
export function processMetadataResponse(
  response: HttpResponse,
  issuer: string,
  rule: MetadataRule,
): ProviderMetadata {
  return checkProviderMetadata(parsed(response, 'discovery'), issuer, rule);
}

/** @throws JitsuinError `upstream.response`, `oidc.token-key` */
export function processKeySetResponse(
  response: HttpResponse,
  options: Pick<AuthAndSignOptions, 'tokenAlgorithm' | 'keyAlgorithm'>,
): KeySet {
  const { tokenAlgorithm = 'ES256', keyAlgorithm = 'required' } = options;
  return readKeySet(parsed(response, 'jwks'), tokenAlgorithm, keyAlgorithm);
}

function parsed(response: HttpResponse, at: string) {
  const json =
    response.status === 200 ? parseStrictJson(new TextDecoder().decode(response.body), 16) : undefined;
  if (json === undefined) {
    const upstream = { status: response.status };
    throw new JitsuinError('upstream.response', 'The document of the service cannot be read.', {
      at,
      upstream,
    });
  }
  return json;
}
