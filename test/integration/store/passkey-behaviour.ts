import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { CitizenPasskey } from '../../../src/ports/passkey-store.ts';
import { code } from './code.ts';
import { at } from './records.ts';

const OWNER = { tenant: 'RP1', subjectHash: 'hash of sub' };
export const PASSKEY: CitizenPasskey = {
  ...OWNER,
  ...{ key: 'p1', id: 'MARK-credential', subject: 'MARK-sub', name: 'MARK-name 𠮷' },
  publicKey: new Uint8Array([1, 2, 255]),
  ...{ counter: 0, transports: ['internal', 'hybrid'], backedUp: true, state: 'active' },
  ...{ createdAt: at(1), cardAt: at(1) },
};
const another = (key: string, changes: Partial<CitizenPasskey> = {}): CitizenPasskey => ({
  ...PASSKEY,
  ...{ key, id: `credential ${key}`, createdAt: at(Number(key.slice(1))) },
  ...changes,
});

async function emptied(store: Store): Promise<Store> {
  await store.passkeys.purge(at(0), at(Number.MAX_SAFE_INTEGER));
  return store;
}

export function passkeyBehaviour(store: () => Store): void {
  it('a challenge can be taken once, over all who ask, and not after its clock', async () => {
    const { passkeys } = await emptied(store());
    await passkeys.putChallenge('c1', at(10));
    const taken = await Promise.all(Array.from({ length: 20 }, () => passkeys.takeChallenge('c1', at(9))));
    expect(taken.filter(Boolean)).toHaveLength(1);
    await passkeys.putChallenge('c2', at(10));
    expect(await passkeys.takeChallenge('c2', at(10))).toBe(false);
    expect(await passkeys.takeChallenge('unknown', at(1))).toBe(false);
    await passkeys.purge(at(11), at(0));
    await passkeys.putChallenge('c2', at(20));
    expect(await passkeys.takeChallenge('c2', at(11))).toBe(true);
  });

  it('keeps passkeys by owner and credential, up to a number; a credential only once', async () => {
    const { passkeys } = await emptied(store());
    expect(await passkeys.add(PASSKEY, 2)).toBe(true);
    expect(await passkeys.add({ ...another('p2'), id: PASSKEY.id }, 2)).toBe(false);
    expect(await passkeys.add(another('p2'), 2)).toBe(true);
    expect(await passkeys.add(another('p3'), 2)).toBe(false);
    expect(await passkeys.add(another('p4', { tenant: 'RP2', id: PASSKEY.id }), 2)).toBe(true);
    expect(await passkeys.list(OWNER)).toEqual([PASSKEY, another('p2')]);
    expect(await passkeys.find('RP1', PASSKEY.id)).toEqual(PASSKEY);
    expect((await passkeys.find('RP2', PASSKEY.id))?.key).toBe('p4');
    expect(await passkeys.find('RP3', PASSKEY.id)).toBeUndefined();
    expect(await passkeys.list({ ...OWNER, subjectHash: 'other' })).toEqual([]);
  });

  it('a use is a compare-and-set of the counter, of active ones only', async () => {
    const { passkeys } = await emptied(store());
    await passkeys.add(PASSKEY, 9);
    const used = { ...PASSKEY, counter: 7, backedUp: false, usedAt: at(5) };
    const tries = await Promise.all(Array.from({ length: 10 }, () => passkeys.use(used, 0)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await passkeys.list(OWNER)).toEqual([used]);
    await passkeys.suspend('p1');
    expect(await passkeys.use({ ...used, counter: 8 }, 7)).toBe(false);
    expect(await passkeys.list(OWNER)).toEqual([{ ...used, state: 'suspended' }]);
  });

  it('rename and remove are the owner’s; sleep and wake leave a suspended one alone; purge by the last card login', async () => {
    const { passkeys } = await emptied(store());
    await passkeys.add(PASSKEY, 9);
    await passkeys.add(another('p2'), 9);
    const stranger = { ...OWNER, subjectHash: 'other' };
    expect(await passkeys.rename(stranger, 'p1', 'x')).toBe(false);
    expect(await passkeys.remove({ ...OWNER, tenant: 'RP2' }, 'p1')).toBe(false);
    expect(await passkeys.rename(OWNER, 'p1', '仕事')).toBe(true);
    await passkeys.suspend('p2');
    expect(await passkeys.sleep(OWNER.subjectHash)).toBe(1);
    expect((await passkeys.list(OWNER)).map(({ state }) => state)).toEqual(['asleep', 'suspended']);
    await passkeys.confirmCard(OWNER, at(50));
    expect(await passkeys.list(OWNER)).toMatchObject([
      { name: '仕事', state: 'active', cardAt: 50 },
      { state: 'suspended', cardAt: 50 },
    ]);
    expect(await passkeys.purge(at(60), at(50))).toBe(0);
    expect(await passkeys.remove(OWNER, 'p2')).toBe(true);
    expect(await passkeys.purge(at(60), at(51))).toBe(1);
    expect(await passkeys.list(OWNER)).toEqual([]);
  });

  it('credential, sub and name are sealed, and bound to their row', async () => {
    const { passkeys, kysely } = await emptied(store());
    await passkeys.add(PASSKEY, 9);
    await passkeys.add(another('p2'), 9);
    const rows = await kysely.selectFrom('citizen_passkeys').selectAll().execute();
    expect(JSON.stringify(rows.map((row) => ({ ...row, sealed_secrets: '' })))).not.toContain('MARK');
    await sql`update citizen_passkeys set sealed_secrets =
      (select sealed_secrets from citizen_passkeys where id = 'p2') where id = 'p1'`.execute(kysely);
    await expect(passkeys.find('RP1', PASSKEY.id)).rejects.toEqual(code('seal.integrity'));
  });
}
