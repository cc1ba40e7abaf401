import { compactParts, fromBase64Url, fromUtf8 } from '../encoding.ts';
import { isJsonObject, parseStrictJson } from '../json/strict-json.ts';

/** ASSUMPTION: of the values that clients send as `acr_values`, the one that means card and PIN. */
const BY_CARD = 'aal3';

/**
 * Whether an ID token that was judged before says by its `acr` that the card was used (OpenID Connect Core 2). The
 * service promises no `acr`: without one nothing may be said of a card.
 */
export function saysCard(idToken: string | undefined): boolean {
  if (idToken === undefined) return false;
  try {
    const [, payload = ''] = compactParts(idToken, 3);
    const claims = parseStrictJson(fromUtf8(fromBase64Url(payload)));
    const acr = isJsonObject(claims) ? claims['acr'] : undefined;
    return typeof acr === 'string' && acr.split(' ').includes(BY_CARD);
  } catch {
    return false;
  }
}
