import { systemClock } from '../../adapters/clock.ts';
import type { PfKeyState } from '../../adapters/keys/pf-keystore.ts';
import { KeyListFile, type TokenKeyList } from '../../adapters/keys/pf-pkcs11/key-list.ts';
import type { TokenKey } from '../../adapters/keys/pf-pkcs11/messages.ts';
import { createToken, type Token } from '../../adapters/keys/pf-pkcs11/token.ts';
import { judgedAgainst } from '../../adapters/keys/pf-pkcs11/token-keystore.ts';
import { generateReceiptKey, openTokenReceipts } from '../../adapters/keys/pf-pkcs11/token-receipts.ts';
import { type Pkcs11Config, pkcs11Config } from '../../config/pkcs11.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Command, CommandIo } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { keyAsJson, keysAsText } from './key-lines.ts';

/** A PKCS#11 token and the list of its keys. */
export interface Hardware {
  readonly token: Token;
  readonly list: KeyListFile;
}

/** Opens the token of the settings, runs `act` and closes it. */
export async function withHardware<T>(
  config: Pkcs11Config,
  act: (hardware: Hardware) => Promise<T>,
): Promise<T> {
  const token = createToken(config);
  try {
    return await act({ token, list: new KeyListFile(config.listFile) });
  } finally {
    token.close();
  }
}

/**
 * The keys of the list beside what the token really holds: one that is missing there opens nothing, whatever the list
 * says. Exit status 1 when one is not as it is listed.
 */
export async function showToken(
  keys: readonly PfKeyState[],
  { token, list }: Hardware,
  json: boolean,
  io: CommandIo,
): Promise<0 | 1> {
  const held = await token.keys();
  const file = await list.read();
  const shown = keys.map((key) => ({
    key,
    token: key.state === 'destroyed' ? 'gone' : inToken(file, held, key.kid),
  }));
  const receipts = (file.receipts?.keys ?? []).map(({ kid }) => ({
    kid,
    active: kid === file.receipts?.active,
    token: inToken(file, held, kid),
  }));
  const named = new Set([...file.keys, ...(file.receipts?.keys ?? [])].map(({ id }) => id));
  const unlisted = held.filter(({ id }) => !named.has(id));
  if (json) {
    const listed = shown.map((one) => ({ ...keyAsJson(one.key), token: one.token }));
    const others = unlisted.map(({ id, label, kind, uses, stays }) => ({ id, label, kind, uses, stays }));
    io.stdout(`${JSON.stringify({ keys: listed, receipts, unlisted: others })}\n`);
  } else {
    if (keys.length === 0) io.stdout('The token holds no decryption key of ours.\n');
    for (const { key, token: is } of shown) io.stdout(`${keysAsText([key]).trimEnd()}  token: ${is}\n`);
    for (const { kid, active, token: is } of receipts)
      io.stdout(`${kid}  receipts  ${active ? 'active' : 'published'}  token: ${is}\n`);
    for (const { id, label, kind, uses } of unlisted)
      io.stdout(`not listed: ${id}  "${label}"  ${kind}  ${uses.join(' ')}\n`);
  }
  return [...shown, ...receipts].every(({ token: is }) => is === 'held' || is === 'gone') ? 0 : 1;
}

function inToken(file: TokenKeyList, held: readonly TokenKey[], kid: string): string {
  const record = [...file.keys, ...(file.receipts?.keys ?? [])].find((key) => key.kid === kid);
  return record === undefined ? 'missing' : judgedAgainst(record, held);
}

export const pfReceiptKeys: Command = declareCommand({
  name: 'pf receipt-keys',
  about: `The keys that sign receipts and records in a PKCS#11 token (JITSUIN_PKCS11_KEYS with "receipts"), as a set of
public JWKs, the active one first. A process takes a new key when it starts; the keys before it stay published, so
that their receipts can be checked.`,
  options: {
    generate: { type: 'boolean', means: 'make a key in the token; it signs from the next start on' },
    json: { type: 'boolean', means: 'print the set in one line' },
  },
  async run(values, _operands, io) {
    const pkcs11 = pkcs11Config(io.env, io);
    if (pkcs11?.keys.has('receipts') !== true) {
      const message =
        'The keys of receipts do not lie in a token: JITSUIN_PKCS11_MODULE and JITSUIN_PKCS11_KEYS must say so.';
      throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_PKCS11_KEYS' });
    }
    return withHardware(pkcs11, async (hardware) => {
      if (values.generate) await generateReceiptKey({ ...hardware, clock: systemClock });
      const { active, jwks } = await openTokenReceipts(hardware);
      const others = jwks.keys.filter(({ kid }) => kid !== active['kid']);
      io.stdout(`${JSON.stringify({ keys: [active, ...others] }, undefined, values.json ? 0 : 2)}\n`);
      return 0 as const;
    });
  },
});
