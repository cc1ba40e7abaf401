import { createPublicKey, diffieHellman, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import type { PfKeystore } from '../../adapters/keys/pf-keystore.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

/** One trial agreement with each key that may open a bundle: what it derives is what the other side derives. */
export function examineAgreements(
  keystore: PfKeystore,
  environment: 'test' | 'production',
): Promise<Finding> {
  const check = 'decryption-keys';
  return examine(
    check,
    async () => {
      const listed = (await keystore.list()).filter((key) => key.environment === environment);
      const usable = listed.filter(({ state }) => state === 'active' || state === 'overlap');
      const wrong: string[] = [];
      for (const { service, kid, publicJwk } of usable) {
        const key = await keystore.find(service, environment, kid);
        if (key === undefined || !('deriveSharedSecret' in key)) {
          wrong.push(`${service}/${kid}`);
          continue;
        }
        const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const { x = '', y = '' } = mine.publicKey.export({ format: 'jwk' });
        const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
        const theirs = createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
        const expected = diffieHellman({ privateKey: mine.privateKey, publicKey: theirs });
        const derived = await key.deriveSharedSecret(point);
        if (derived.length !== expected.length || !timingSafeEqual(derived, expected))
          wrong.push(`${service}/${kid}`);
      }
      if (wrong.length > 0)
        return failed(
          check,
          `${wrong.join(', ')}: the private part does not belong to the public key that was registered.`,
          'Restore the keystore from its backup, or make and register a new key.',
          'key.state',
        );
      return passed(check, `${usable.length} key(s) agreed on a secret with a trial key.`);
    },
    () => 'Keystore and passphrase must belong together; a key module must reach its HSM or KMS.',
  );
}
