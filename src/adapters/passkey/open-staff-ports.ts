import type { Clock } from '../../ports/clock.ts';
import type { PasskeyCeremony } from '../../ports/passkey-ceremony.ts';
import type { Random } from '../../ports/random.ts';
import type { Sealer } from '../../ports/sealer.ts';
import type { Store } from '../store/open-store.ts';

const RP_NAMES = {
  pf: 'jitsuin 運用コンソール (pf)',
  gov: 'jitsuin 運用コンソール (gov)',
  sp: 'jitsuin 運用コンソール (sp)',
} as const;

/** What the console's accounts stand on. The ceremonies' library is loaded only where there is a console. */
export async function openStaffPorts(
  party: { readonly role: 'pf' | 'gov' | 'sp'; readonly rpId: string; readonly origin: string },
  store: Store,
  { clock, random, sealer }: { readonly clock: Clock; readonly random: Random; readonly sealer: Sealer },
) {
  const { createPasskeyCeremony } = await import('./passkey-ceremony.ts');
  const { rpId, origin, role } = party;
  const passkeys: PasskeyCeremony = createPasskeyCeremony({ rpId, origin, random, rpName: RP_NAMES[role] });
  const { operators, approvals, replay, audit } = store;
  return { operators, approvals, passkeys, sealer, replay, audit, clock, random };
}
