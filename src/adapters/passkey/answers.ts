import { z } from 'zod';
import { JitsuinError } from '../../core/errors.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,16384}$/);
const credentialId = z.string().regex(/^[A-Za-z0-9_-]{1,1364}$/);
const transport = z.string().regex(/^[a-z-]{1,32}$/);

const envelope = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.looseObject({}),
};

/** `RegistrationResponseJSON` (WebAuthn Level 3, section 5.1): the members that are judged. */
const registrationSchema = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(transport).max(8).default([]),
  }),
});

/** `AuthenticationResponseJSON`. */
const authenticationSchema = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
});

export type RegistrationAnswer = z.infer<typeof registrationSchema>;
export type AuthenticationAnswer = z.infer<typeof authenticationSchema>;

const LONGEST_ANSWER = 65_536;

/** @throws JitsuinError `passkey.form` */
export function registrationAnswer(text: string): RegistrationAnswer {
  return parsed(registrationSchema, text);
}

/** @throws JitsuinError `passkey.form` */
export function authenticationAnswer(text: string): AuthenticationAnswer {
  return parsed(authenticationSchema, text);
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const value = text.length > LONGEST_ANSWER ? undefined : parseStrictJson(text);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const at = result.error.issues[0]?.path.join('.') ?? '';
  throw new JitsuinError('passkey.form', 'The answer is not that of a passkey.', { at });
}
