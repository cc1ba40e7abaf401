import { toUtf8 } from '../../core/encoding.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { type PolicyFile, readPolicyFile } from './policy-file.ts';
import { SHIPPED_FILES } from './shipped-files.ts';

/** A policy that comes with this software, under the name of its file in samples/policies. */
export interface ShippedPolicy extends PolicyFile {
  readonly called: string;
}

let read: readonly ShippedPolicy[] | undefined;

/** The shipped policies: files like anybody's, read by the same reader. */
export function shippedPolicies(): readonly ShippedPolicy[] {
  read ??= Object.entries(SHIPPED_FILES).map(([called, text]) => ({
    called,
    ...readPolicyFile(toUtf8(text), called),
  }));
  return read;
}

/** The shipped one for signing certificates of the JPKI in this environment. */
export function shippedFor(environment: 'production' | 'test'): PolicyFile {
  const found = shippedPolicies().find(
    ({ content }) => content.environment === environment && content.profile === 'jpki',
  );
  if (found === undefined) throw new Error(`No shipped policy is for "${environment}".`);
  return found;
}

/** The one for a signer: the JPKI's two environments tell themselves apart by the certificate's own policy. */
export function shippedOf({ certificatePolicies = [] }: Certificate): PolicyFile {
  const own = certificatePolicies.map(({ policy }) => policy);
  const known = shippedPolicies().find(
    ({ content: { profile, environment, certificatePolicies: rows } }) =>
      profile === 'jpki' && rows.some((row) => row.environment === environment && own.includes(row.policy)),
  );
  return known ?? shippedFor('production');
}
