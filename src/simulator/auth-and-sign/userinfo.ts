import { type Answer, failure, json } from './reply.ts';
import { bearerRule, grantOf } from './tokens.ts';
import type { World } from './world.ts';

/** UserInfo: only what the scopes grant, from the card face. Flat strings, `birthdate` YYYYMMDD (facts 1.5). */
export function userinfo(world: World): Answer {
  return (request, fault) => {
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
    };
    return json(200, {
      sub: grant.session.sub,
      ...Object.fromEntries(granted),
      ...spoiled[fault?.name ?? ''],
    });
  };
}
