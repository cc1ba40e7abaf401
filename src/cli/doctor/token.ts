import { systemClock } from '../../adapters/clock.ts';
import { KeyListFile } from '../../adapters/keys/pf-pkcs11/key-list.ts';
import { createToken, type Token } from '../../adapters/keys/pf-pkcs11/token.ts';
import { judgedAgainst, openTokenKeystore } from '../../adapters/keys/pf-pkcs11/token-keystore.ts';
import { openTokenReceipts } from '../../adapters/keys/pf-pkcs11/token-receipts.ts';
import type { Pkcs11Config } from '../../config/pkcs11.ts';
import { examineAgreements } from './decryption-keys.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

/** The PKCS#11 token: there, open, every key in it as it is listed, and each one tried. */
export async function examineToken(
  config: Pkcs11Config,
  environment: 'test' | 'production',
): Promise<Finding[]> {
  const token = createToken(config);
  const list = new KeyListFile(config.listFile);
  try {
    const held = await examineHeld(token, list, config.listFile);
    if (held.code !== undefined && held.code !== 'key.state') return [held];
    const decryption = config.keys.has('decryption') ? await examineDecryption(token, list, environment) : [];
    const receipts = config.keys.has('receipts') ? [await examineReceipts(token, list)] : [];
    return [held, ...decryption, ...receipts];
  } finally {
    token.close();
  }
}

function examineHeld(token: Token, list: KeyListFile, file: string): Promise<Finding> {
  const check = 'pkcs11-token';
  return examine(
    check,
    async () => {
      const held = await token.keys();
      const { keys, receipts } = await list.read();
      const listed = [...keys.filter(({ state }) => state !== 'destroyed'), ...(receipts?.keys ?? [])];
      const wrong = listed
        .map((key) => ({ kid: key.kid, is: judgedAgainst(key, held) }))
        .filter(({ is }) => is !== 'held');
      const says = `${held.length} key(s) in the token, ${listed.length} in ${file}`;
      if (wrong.length === 0) return passed(check, `${says}.`);
      return failed(
        check,
        `${says}; not as they are listed: ${wrong.map(({ kid, is }) => `${kid} (${is})`).join(', ')}.`,
        'Restore the token and the list from backups of the same day, or make and register new keys.',
        'key.state',
      );
    },
    () => 'See samples/guides/keys-in-hardware.md: the token, its label, its PIN, the package pkcs11js.',
  );
}

async function examineDecryption(
  token: Token,
  list: KeyListFile,
  environment: 'test' | 'production',
): Promise<readonly Finding[]> {
  const check = 'pf-keystore';
  const keystore = openTokenKeystore({ token, list, clock: systemClock });
  const keys = (await keystore.list()).filter((key) => key.environment === environment);
  const active = keys.filter(({ state }) => state === 'active');
  const says =
    `${keys.length} key(s) for "${environment}" in the token, active: ` +
    `${active.map(({ kid, service }) => `${service}/${kid}`).join(', ') || 'none'}.`;
  if (active.length > 0) return [passed(check, says), await examineAgreements(keystore, environment)];
  return [failed(check, says, `Run: jitsuin pf keygen --service NAME --environment ${environment}`)];
}

function examineReceipts(token: Token, list: KeyListFile): Promise<Finding> {
  const check = 'receipt-key';
  return examine(
    check,
    async () => {
      const signer = await openTokenReceipts({ token, list });
      await signer.signOctets(new TextEncoder().encode('jitsuin doctor'));
      return passed(
        check,
        `${signer.jwks.keys.length} key(s) published; the active one signed in the token.`,
      );
    },
    () => 'Run: jitsuin pf receipt-keys --generate',
  );
}
