import { randomBytes } from 'node:crypto';
import { toUtf8 } from '../../../core/encoding.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { KeyWrapper } from '../../../ports/key-wrapper.ts';
import type { Token } from './token.ts';

const LABEL = 'jitsuin seal keys';
const IV_OCTETS = 12;

/**
 * Wraps seal keys by AES-256-GCM in the token, the key's name as associated data. The wrapping key is made at the
 * first wrapping and found again by its CKA_ID.
 */
export function tokenKeyWrapper(token: Token): KeyWrapper {
  return {
    wrap: async (key, context) => {
      const keyId = await wrappingKey(token);
      // 96 random bits (NIST SP 800-38D section 8.2.2): a token wraps a handful of keys in its life
      const octets = Buffer.concat([randomBytes(IV_OCTETS), key]);
      return { keyId, wrapped: await token.encrypt(keyId, octets, toUtf8(context)) };
    },
    unwrap: ({ keyId, wrapped }, context) => token.decrypt(keyId, wrapped, toUtf8(context)),
  };
}

async function wrappingKey(token: Token): Promise<string> {
  const held = (await token.keys()).filter(
    ({ label, uses }) => label === LABEL && uses.includes('encryption'),
  );
  const [one, second] = held;
  if (second !== undefined) {
    throw new JitsuinError('key.state', `The token holds two keys with the label "${LABEL}".`, {
      at: 'token',
    });
  }
  if (one !== undefined) return one.id;
  const made = await token.generate(randomBytes(16).toString('hex'), LABEL, 'encryption');
  if (made.stays && made.kind === 'AES-256') return made.id;
  throw new JitsuinError(
    'key.state',
    'The token made a wrapping key that is not AES-256, or could leave it.',
  );
}
