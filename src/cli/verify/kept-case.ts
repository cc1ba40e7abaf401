import { basename } from 'node:path';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { toUtf8 } from '../../core/encoding.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';
import { offlinePageWith } from '../../roles/signature-verifier/offline-page.ts';
import { shippedPolicies } from '../../verifier/policy/shipped.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { readOctets, writeOctets } from '../document-arguments.ts';

export const KEPT_OPTION = {
  html: {
    type: 'string',
    value: 'OUT',
    means:
      'write a page that judges FILE again in any browser, without a network: it holds FILE, what was given beside ' +
      'it and this verdict. Whoever gets it should compare the anchors in it with their own',
  },
} as const;

interface KeptValues {
  readonly html?: string | undefined;
  readonly trust: readonly string[];
  readonly intermediate?: readonly string[] | undefined;
  readonly crl?: readonly string[] | undefined;
  readonly ocsp?: readonly string[] | undefined;
  readonly timestamp?: readonly string[] | undefined;
  readonly 'tsa-trust'?: readonly string[] | undefined;
  readonly 'no-revocation'?: boolean | undefined;
  readonly policy?: string | undefined;
  readonly explain?: boolean | undefined;
  readonly expected?: string | undefined;
  readonly result?: string | undefined;
  readonly 'signature-value'?: string | undefined;
  readonly certificate?: string | undefined;
  readonly mode?: string | undefined;
}

type Subject =
  | {
      readonly profile: 'detached';
      readonly value: Uint8Array;
      readonly certificate: Uint8Array;
      readonly mode: string;
    }
  | { readonly profile: XmlSignatureProfileName; readonly signedElement?: SignedElementSelector };

/** What was judged, by which rules, and what was said of it. */
export interface KeptCase {
  readonly file: string;
  readonly octets: Uint8Array;
  readonly subject: Subject;
  readonly at: EpochMillis;
  readonly status: number;
  readonly text: string;
}

/** `--html OUT`. @throws UsageError for what a page cannot hold */
export async function writeKeptCase(values: KeptValues, kept: KeptCase, io: CommandIo): Promise<void> {
  if (values.html === undefined) return;
  const { file, octets, subject, at, status, text } = kept;
  if (values.expected !== undefined) throw new UsageError('--html and --expected do not go together.');
  const beside = defined({
    trust: await given(values.trust),
    intermediates: await given(values.intermediate),
    crls: await given(values.crl),
    ocsp: await given(values.ocsp),
    timeStamps: await given(values.timestamp),
    tsaTrust: await given(values['tsa-trust']),
    noRevocation: values['no-revocation'],
    policy: await policyGiven(values.policy),
    at,
  });
  const asked = {
    file: { name: basename(file), octets },
    ...ofSubject(subject),
    explain: values.explain,
    beside,
  };
  const page = offlinePageWith({ kept: { asked, told: { status, text } } });
  if (page === undefined) throw new UsageError('--html: this installation was built without the page.');
  await writeOctets(values.html, toUtf8(page), io);
}

function ofSubject(subject: Subject) {
  if (subject.profile !== 'detached') {
    const { profile, signedElement = {} } = subject;
    const { name, id } = signedElement as { readonly name?: string; readonly id?: string };
    return defined({ kind: 'document', profile, element: name, id });
  }
  const { value, certificate, mode } = subject;
  const named = (name: string, octets: Uint8Array) => ({ name, octets });
  return { kind: 'file', value: named('value', value), certificate: named('certificate', certificate), mode };
}

async function given(paths: readonly string[] = []) {
  if (paths.includes('-'))
    throw new UsageError('--html: what is read from standard input cannot be put into a page.');
  return Promise.all(paths.map(async (path) => ({ name: basename(path), octets: await readOctets(path) })));
}

async function policyGiven(policy: string | undefined) {
  if (policy === undefined || shippedPolicies().some(({ called }) => called === policy)) return policy;
  const [file] = await given([policy]);
  return file;
}
