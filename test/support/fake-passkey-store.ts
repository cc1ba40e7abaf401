import type { EpochMillis } from '../../src/core/brand.ts';
import type { CitizenPasskey, PasskeyOwner, PasskeyStore } from '../../src/ports/passkey-store.ts';

/** Passkeys and challenges in memory. */
export class FakePasskeyStore implements PasskeyStore {
  readonly passkeys = new Map<string, CitizenPasskey>();
  readonly challenges = new Map<string, EpochMillis>();

  async putChallenge(hash: string, expiresAt: EpochMillis): Promise<void> {
    this.challenges.set(hash, expiresAt);
  }
  async takeChallenge(hash: string, now: EpochMillis): Promise<boolean> {
    const expiresAt = this.challenges.get(hash);
    this.challenges.delete(hash);
    return expiresAt !== undefined && expiresAt > now;
  }
  async add(passkey: CitizenPasskey, most: number): Promise<boolean> {
    if ((await this.find(passkey.tenant, passkey.id)) !== undefined) return false;
    if ((await this.list(passkey)).length >= most) return false;
    this.passkeys.set(passkey.key, passkey);
    return true;
  }
  async find(tenant: string, credentialId: string): Promise<CitizenPasskey | undefined> {
    return [...this.passkeys.values()].find((one) => one.tenant === tenant && one.id === credentialId);
  }
  async list({ tenant, subjectHash }: PasskeyOwner): Promise<readonly CitizenPasskey[]> {
    return [...this.passkeys.values()].filter(
      (one) => one.tenant === tenant && one.subjectHash === subjectHash,
    );
  }
  async use(next: CitizenPasskey, counterBefore: number): Promise<boolean> {
    const kept = this.passkeys.get(next.key);
    if (kept?.counter !== counterBefore || kept.state !== 'active') return false;
    this.passkeys.set(next.key, next);
    return true;
  }
  async suspend(key: string): Promise<void> {
    this.change(key, { state: 'suspended' });
  }
  async rename(owner: PasskeyOwner, key: string, name: string): Promise<boolean> {
    return this.owned(owner, key) && this.change(key, { name });
  }
  async remove(owner: PasskeyOwner, key: string): Promise<boolean> {
    return this.owned(owner, key) && this.passkeys.delete(key);
  }
  async sleep(subjectHash: string): Promise<number> {
    const active = [...this.passkeys.values()].filter(
      (one) => one.subjectHash === subjectHash && one.state === 'active',
    );
    for (const { key } of active) this.change(key, { state: 'asleep' });
    return active.length;
  }
  async confirmCard(owner: PasskeyOwner, cardAt: EpochMillis): Promise<void> {
    for (const { key, state } of await this.list(owner)) {
      this.change(key, { cardAt, ...(state === 'asleep' ? { state: 'active' } : {}) });
    }
  }
  async purge(): Promise<number> {
    return 0;
  }
  private owned({ tenant, subjectHash }: PasskeyOwner, key: string): boolean {
    const kept = this.passkeys.get(key);
    return kept?.tenant === tenant && kept.subjectHash === subjectHash;
  }
  private change(key: string, fields: Partial<CitizenPasskey>): boolean {
    const kept = this.passkeys.get(key);
    if (kept !== undefined) this.passkeys.set(key, { ...kept, ...fields });
    return kept !== undefined;
  }
}
