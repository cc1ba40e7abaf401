import { z } from 'zod';
import { idText, instantText, sha256Text } from './formats.ts';
import { pfPublicJwkSchema } from './pf-public-jwk.ts';

const personSchema = z.strictObject({ id: idText(), name: z.string(), at: instantText() });

/**
 * What an auditor reads of one change of a decryption key: who asked, who allowed it, what was done to which key, and
 * where the audit log has it. No secret is in it.
 */
export const keyProtocolSchema = z.strictObject({
  format: z.literal('jitsuin-key-protocol/1'),
  /** The platform operator, by its public URL. */
  operator: z.url(),
  program: z.string(),
  made_at: instantText(),
  change: z.strictObject({
    id: idText(),
    kind: z.enum(['key.generate', 'key.activate', 'key.expire', 'key.destroy']),
    requested_by: personSchema,
    approved_by: personSchema,
  }),
  key: z.strictObject({
    kid: z.string(),
    service: z.string(),
    environment: z.enum(['test', 'production']),
    held_in: z.enum(['keystore-file', 'pkcs11-token']),
    state_now: z.enum(['generated', 'active', 'overlap', 'expired', 'destroyed']),
    public_jwk: pfPublicJwkSchema,
  }),
  /** Records of this change, oldest first: chain, number in it and hash, as `jitsuin audit verify` walks them. */
  audit: z.array(
    z.strictObject({
      event: z.string(),
      at: instantText(),
      chain: z.number().int(),
      seq: z.number().int(),
      hash: sha256Text(),
    }),
  ),
  /** Head of the audit log when this was made; `jitsuin audit verify --head` finds it again. */
  audit_head: sha256Text(),
});
export type KeyProtocol = z.infer<typeof keyProtocolSchema>;

/**
 * The file: the text of the protocol, and the ES256 signature of the operator's receipt key over its UTF-8 octets.
 */
export const signedKeyProtocolSchema = z.strictObject({
  protocol: z.string().min(2).max(65_536),
  kid: z.string().min(1).max(255),
  /** base64, r and s as 64 octets. */
  signature: z.base64().length(88),
});
export type SignedKeyProtocol = z.infer<typeof signedKeyProtocolSchema>;
