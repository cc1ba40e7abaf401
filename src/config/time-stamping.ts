import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { AGEING_ALGORITHMS, ALGORITHM_ENDS, type AlgorithmEnds } from '../core/digest/algorithm-ends.ts';
import { JitsuinError } from '../core/errors.ts';

const path = z.string().min(1);

/** The variables of a time-stamp authority, at pf and gov alike. */
export const TIME_STAMPING_VARIABLES = {
  JITSUIN_TSA_URL: z.url().optional(),
  JITSUIN_TSA_TRUST_FILE: path.optional(),
  JITSUIN_TSA_CRL_URL: z.url().optional(),
  JITSUIN_TSA_CRL_DIR: path.optional(),
  JITSUIN_TSA_OCSP_URL: z.url().optional(),
  JITSUIN_TSA_POLICY: z
    .string()
    .regex(/^[0-2](?:\.(?:0|[1-9][0-9]{0,9})){1,20}$/)
    .optional(),
  JITSUIN_TSA_PERIOD_SECONDS: z.coerce.number().int().min(0).max(604_800).default(3600),
  JITSUIN_TSA_RENEW_DAYS: z.coerce.number().int().min(1).max(3650).default(180),
  JITSUIN_ALGORITHM_ENDS: z
    .string()
    .regex(/^(?:[a-z0-9-]{5,8}=\d{4}-\d{2}-\d{2}(?:,(?!$)|$)){1,10}$/)
    .optional(),
};

const variables = z.object(TIME_STAMPING_VARIABLES);
type TimeStampingVariables = z.infer<typeof variables>;
type UrlVariable = 'JITSUIN_TSA_URL' | 'JITSUIN_TSA_CRL_URL' | 'JITSUIN_TSA_OCSP_URL';

export interface TsaConfig {
  readonly url: string;
  /** PEM of the roots of the TSA. */
  readonly trustFile: string;
  /** Where it is said whether certificates of the TSA were revoked; OCSP counts where it is given. */
  readonly revocation: { readonly ocspUrl?: string; readonly crlUrl?: string; readonly crlDir?: string };
  readonly policy?: string;
  /** Milliseconds after which evidence is covered by a time-stamp. */
  readonly period: number;
  /** Milliseconds before the end of a TSA certificate or of an algorithm at which what stands on it is renewed. */
  readonly renewBefore: number;
  /** When hashes and kinds of keys end, as far as it is known or the operator says so. */
  readonly algorithmEnds: AlgorithmEnds;
}

/**
 * The time-stamp authority of a configuration; undefined when none is named.
 * @param url judges the URL of a variable, undefined where it has none
 * @throws JitsuinError `config.invalid`
 */
export function readTsaConfig(
  read: TimeStampingVariables,
  url: (name: UrlVariable) => string | undefined,
): TsaConfig | undefined {
  const tsaUrl = url('JITSUIN_TSA_URL');
  if (tsaUrl === undefined) return undefined;
  const { JITSUIN_TSA_TRUST_FILE: trustFile, JITSUIN_TSA_POLICY: policy } = read;
  if (trustFile === undefined)
    throw invalid(
      'A time-stamp authority is believed only by its root certificate.',
      'JITSUIN_TSA_TRUST_FILE',
    );
  const [ocspUrl, crlUrl] = [url('JITSUIN_TSA_OCSP_URL'), url('JITSUIN_TSA_CRL_URL')];
  const crlDir = read.JITSUIN_TSA_CRL_DIR;
  if (ocspUrl === undefined && crlUrl === undefined && crlDir === undefined)
    throw invalid(
      'No source says whether the certificate of the time-stamp authority was revoked: set JITSUIN_TSA_CRL_URL, JITSUIN_TSA_CRL_DIR or JITSUIN_TSA_OCSP_URL.',
      'JITSUIN_TSA_CRL_URL',
    );
  return defined({
    url: tsaUrl,
    trustFile,
    revocation: defined({
      ocspUrl,
      crlUrl,
      crlDir,
    }),
    period: read.JITSUIN_TSA_PERIOD_SECONDS * 1000,
    renewBefore: read.JITSUIN_TSA_RENEW_DAYS * 86_400_000,
    algorithmEnds: readAlgorithmEnds(read.JITSUIN_ALGORITHM_ENDS),
    policy,
  });
}

/**
 * `sha256=2035-12-31,rsa-2048=2030-12-31`: the last day on which each is taken for sound, beside what is known here.
 * @throws JitsuinError `config.invalid`
 */
export function readAlgorithmEnds(text: string | undefined): AlgorithmEnds {
  if (text === undefined) return ALGORITHM_ENDS;
  const pairs = text.split(',').map((pair) => pair.split('='));
  const ends = pairs.map(([name = '', day = '']) => [name, Date.parse(`${day}T23:59:59.999Z`)] as const);
  const known = ends.every(
    ([name, end]) => !Number.isNaN(end) && AGEING_ALGORITHMS.some((one) => one === name),
  );
  if (!known || new Set(ends.map(([name]) => name)).size !== ends.length)
    throw invalid(
      `JITSUIN_ALGORITHM_ENDS is a list like sha256=2035-12-31,rsa-2048=2030-12-31 of ${AGEING_ALGORITHMS.join(', ')}.`,
      'JITSUIN_ALGORITHM_ENDS',
    );
  return { ...ALGORITHM_ENDS, ...Object.fromEntries(ends) };
}

function invalid(message: string, at: string): JitsuinError {
  return new JitsuinError('config.invalid', message, { at });
}
