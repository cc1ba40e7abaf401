import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPfKeystore, type PfKeystore } from '../../../src/adapters/keys/pf-keystore.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Approval, ApprovalKind } from '../../../src/ports/approval-store.ts';
import { pfChanges } from '../../../src/roles/pf/console/console-ports.ts';
import type { TenantRecord } from '../../../src/roles/pf/tenants.ts';
import type { ApprovedChanges } from '../../../src/staff/approvals.ts';
import { FakeClock } from '../../support/fakes.ts';
import { outcomeOf } from '../../support/staff-kit.ts';

let dir: string;
let keystore: PfKeystore;
let tenants: { readonly id: string }[];
let active: string;
let changes: ApprovedChanges;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jitsuin-changes-'));
  keystore = await openPfKeystore({
    ...{ file: join(dir, 'keys.json'), passphrase: 'simulated passphrase', clock: new FakeClock() },
    scryptCost: 16_384,
  });
  tenants = [{ id: 'a' }, { id: 'b' }];
  active = 'seal-1';
  const seal = {
    get activeKey() {
      return active;
    },
    keys: [],
    rotate: async () => {
      active += 'x';
    },
  };
  const file = {
    assertions: [],
    mayUse: () => false,
    mayHave: () => false,
    records: () => tenants as readonly object[] as readonly TenantRecord[],
    put: () => undefined,
    remove: (id: string) => {
      if (!tenants.some((each) => each.id === id)) throw new Error('no such tenant');
      tenants = tenants.filter((each) => each.id !== id);
    },
  };
  changes = pfChanges({ environment: 'test' }, keystore, seal, file);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const make = (kind: ApprovalKind, subject: string, again: boolean, id = 'change-1') => {
  const times = { requestedAt: 1 as EpochMillis, expiresAt: 2 as EpochMillis };
  const approval: Approval = {
    ...{ id, kind, subject, payload: '{}', state: 'approved', requestedBy: 'one', ...times },
  };
  return outcomeOf(changes[kind]?.(approval, again) ?? Promise.reject(new Error('no such change')));
};
const states = async () => (await keystore.list()).map(({ state }) => state);

it('a key is made once for one change, and again for another', async () => {
  for (const [again, id] of [
    [false, 'change-1'],
    [true, 'change-1'],
    [false, 'change-2'],
  ] as const)
    expect(await make('key.generate', 'portal', again, id)).toBe('accepted');
  expect(await states()).toEqual(['active', 'generated']);
});

it('steps of a key, the rotation and the removal of a tenant do nothing twice when they are carried out again', async () => {
  await make('key.generate', 'portal', false, 'change-1');
  await make('key.generate', 'portal', false, 'change-2');
  const kid = (await keystore.list())[1]?.kid ?? '';
  for (const [kind, subject] of [
    ['key.activate', kid],
    ['key.expire', kid],
    ['key.destroy', kid],
    ['seal-key.rotate', 'seal-1'],
    ['tenant.remove', 'a'],
  ] as const) {
    expect(await make(kind, subject, false), kind).toBe('accepted');
    expect(await make(kind, subject, true), kind).toBe('accepted');
    expect(await make(kind, subject, false), kind).not.toBe('accepted');
  }
  expect((await states())[1]).toBe('destroyed');
  expect([active, tenants]).toEqual(['seal-1x', [{ id: 'b' }]]);
});

it('a change that was cut off before it was made is made', async () => {
  expect(await make('tenant.remove', 'b', true)).toBe('accepted');
  expect(await make('seal-key.rotate', 'seal-1', true)).toBe('accepted');
  expect([active, tenants]).toEqual(['seal-1x', [{ id: 'a' }]]);
});
