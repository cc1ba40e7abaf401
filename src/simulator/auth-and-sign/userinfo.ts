import { signToken } from './id-token.ts';
import { type Answer, failure, json, type Reply } from './reply.ts';
import { bearerRule, grantOf } from './tokens.ts';
import type { World } from './world.ts';

/** UserInfo: only what the scopes grant, from the card face. Flat strings, `birthdate` YYYYMMDD (facts 1.5). */
export function userinfo(world: World): Answer {
  return async (request, fault) => {
    const grant = grantOf(world, request.headers.authorization);
    if (grant?.kind !== 'citizen') {
      return failure('userinfo-3', undefined, bearerRule(world, request.headers.authorization, 'citizen'));
    }
    const resident = world.cards.get(grant.session.personId)?.issued.resident;
    if (resident === undefined) return failure('userinfo-6');
    const { name, address, birthdate, gender } = resident;
    const values: Readonly<Record<string, string>> = { name, address, birthdate, gender };
    const granted = Object.entries(values).filter(([scope]) => grant.scope.includes(scope));
    const spoiled: Readonly<Record<string, object>> = {
      'wrong-sub': { sub: '00000000-0000-0000-0000-000000000000' },
      'missing-sub': { sub: undefined },
      'address-object': { address: { formatted: address } },
      'address-parts': { address: { country: 'JP', street_address: address } },
      'address-without-members': { address: {} },
      'birthdate-year': { birthdate: birthdate.slice(0, 4) },
      'empty-claims': { name: '', address: '', birthdate: null, gender: '' },
    };
    const kept = fault?.name === 'missing-claims' ? [] : granted;
    const { sub } = grant.session;
    const claims = { sub, ...Object.fromEntries(kept), ...spoiled[fault?.name ?? ''] };
    return fault?.name === 'signed' ? signed(world, grant.clientId, claims) : json(200, claims);
  };
}

/** OpenID Connect Core 5.3.2: as a JWT, where the client was registered so. The service is not known to do it. */
async function signed(
  world: World,
  clientId: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<Reply> {
  const body = await signToken(world, { iss: world.issuer, aud: clientId, ...claims });
  return { status: 200, headers: { 'content-type': 'application/jwt', 'cache-control': 'no-store' }, body };
}
