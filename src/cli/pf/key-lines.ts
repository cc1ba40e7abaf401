import type { PfKeyState } from '../../adapters/keys/pf-keystore.ts';

export function keyAsJson({
  kid,
  service,
  environment,
  state,
  createdAt,
  overlapUntil,
  publicJwk,
}: PfKeyState) {
  const until = overlapUntil === undefined ? {} : { overlap_until: new Date(overlapUntil).toISOString() };
  return {
    kid,
    service,
    environment,
    state,
    created_at: new Date(createdAt).toISOString(),
    ...until,
    public_jwk: publicJwk,
  };
}

export function keysAsText(keys: readonly PfKeyState[]): string {
  if (keys.length === 0) return 'The keystore holds no key.\n';
  const lines = keys.map(({ kid, service, environment, state, overlapUntil }) => {
    const until =
      state === 'overlap' && overlapUntil !== undefined
        ? ` until ${new Date(overlapUntil).toISOString()}`
        : '';
    return `${kid}  ${service}  ${environment}  ${state}${until}`;
  });
  return `${lines.join('\n')}\n`;
}
