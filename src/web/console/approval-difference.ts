import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import type { Approval } from '../../ports/approval-store.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { smallTable, tableRow } from '../parts.ts';
import type { Console } from './console.ts';
import type { ShownKey } from './console-ports.ts';

/** One member that a change would change: what it is now and what it would be; undefined where there is none. */
export interface Difference {
  readonly member: string;
  readonly now?: string;
  readonly after?: string;
}

type Ports = Pick<Console, 'keys' | 'tenants'>;

/** What would be another after this change than it is now, member by member; empty: nothing would. */
export async function differenceOf(console: Ports, approval: Approval): Promise<readonly Difference[]> {
  const { kind, subject, payload } = approval;
  switch (kind) {
    case 'tenant.put':
      return differing(console.tenants?.record(subject), payload);
    case 'tenant.remove':
      return differing(console.tenants?.record(subject), undefined);
    case 'seal-key.rotate':
      return [{ member: 'active', now: console.keys?.sealKeys().active ?? '', after: '(new)' }];
    case 'key.generate':
      return [{ member: `${subject} key`, after: 'generated' }];
    case 'key.activate':
    case 'key.expire':
    case 'key.destroy':
      return keyDifference((await console.keys?.list()) ?? [], subject, STATE_AFTER[kind]);
  }
}

const STATE_AFTER = {
  'key.activate': 'active',
  'key.expire': 'expired',
  'key.destroy': 'destroyed',
} as const;

/** Activating one key of a service ends another one's time: that is part of the change. */
function keyDifference(
  keys: readonly ShownKey[],
  kid: string,
  after: ShownKey['state'],
): readonly Difference[] {
  const chosen = keys.find((key) => key.kid === kid);
  const own = { member: kid, after };
  if (chosen === undefined) return [own];
  const others = keys.filter(
    ({ kid: other, service, environment, state }) =>
      after === 'active' &&
      other !== kid &&
      state === 'active' &&
      service === chosen.service &&
      environment === chosen.environment,
  );
  return [
    { ...own, now: chosen.state },
    ...others.map((other) => ({ member: other.kid, now: other.state, after: 'overlap' })),
  ].filter((one) => !('now' in one) || one.now !== one.after);
}

/** Of two records as JSON, every leaf; keys of a JWK Set by their kid, so that one exchanged under its kid shows. */
function differing(now: string | undefined, next: string | undefined): readonly Difference[] {
  const [before, after] = [now, next].map((text) => (text === undefined ? new Map() : leavesOf(text))) as [
    ReadonlyMap<string, string>,
    ReadonlyMap<string, string>,
  ];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((member) => before.get(member) !== after.get(member))
    .map((member) => valuesOf(member, before.get(member), after.get(member)));
}

function valuesOf(member: string, now: string | undefined, after: string | undefined): Difference {
  return defined({ member, now, after });
}

function leavesOf(json: string): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
      return void leaves.set(at, value.join(', '));
    if (typeof value !== 'object' || value === null) return void leaves.set(at, String(value));
    for (const [name, member] of Object.entries(value)) walk(member, placeOf(value, at, name, member));
  };
  walk(JSON.parse(json), '');
  return leaves;
}

function placeOf(parent: object, at: string, name: string, member: unknown): string {
  const kid: unknown = typeof member === 'object' && member !== null ? Reflect.get(member, 'kid') : undefined;
  if (Array.isArray(parent)) return `${at}[${typeof kid === 'string' ? kid : name}]`;
  return at === '' ? name : `${at}.${name}`;
}

/** By which an approval names the difference that its page showed. */
export function differenceDigest(differences: readonly Difference[]): string {
  return hexSha256(JSON.stringify(differences.map(({ member, now, after }) => [member, now, after])));
}

const NONE = '–';

export function differenceTable(id: string, differences: readonly Difference[]): Html {
  if (differences.length === 0)
    return html`<p data-differences="0">${both({
      ja: 'いまと変わるところはありません。',
      en: 'Nothing would be another than it is now.',
    })}</p>`;
  return smallTable({
    id: `difference-${id}`,
    caption: { ja: 'いまとの違い', en: 'Difference to now' },
    columns: [
      { ja: '項目', en: 'Member' },
      { ja: 'いま', en: 'Now' },
      { ja: '変更後', en: 'After' },
    ],
    rows: differences.map(({ member, now = NONE, after = NONE }) =>
      tableRow({ 'data-member': member }, [html`<code>${member}</code>`, now, after]),
    ),
  });
}
