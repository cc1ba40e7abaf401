import type { VerificationSubmission } from '../contracts/verification.ts';
import type {
  CompactJwe,
  EpochMillis,
  FormName,
  SignatureProfileName,
  SigningInput,
  TenantId,
  VerificationId,
} from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { hashOfSigningInput } from '../core/digest/signing-input.ts';
import { fromBase64 } from '../core/encoding.ts';
import { type ErrorCode, JitsuinError } from '../core/errors.ts';
import { type AttachedFile, expectFileNames } from '../core/forms/attached-files.ts';
import { formOf } from '../core/forms/kept-form.ts';
import { readFormSkeleton } from '../core/forms/prepare-form.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { readSkeleton } from '../core/xmldsig/prepare.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import { readBundleHeader } from '../verifier/jwe/bundle-header.ts';
import { joinedSkeleton } from './join-signature.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { verifyJob } from './verify-job.ts';

interface Submitted {
  readonly verification: Verification;
  /** `repeated`: this very submission was there already; its answer is given again. */
  readonly kind: 'accepted' | 'repeated';
}

const LEASE = 30_000;
/** With SHA-256, and with the SHA-384 of the next card. */
const DATA_OCTETS = { 'digest-info': [51, 67], digest: [32, 48] } as const;

/**
 * Accepts a submission of an authenticated tenant: judged in form, bound to the tenant's service, remembered by its
 * bundle, stored with its job in one transaction.
 * @throws JitsuinError `right.missing` (service, environment), `digest.data`, `xmldsig.mode`, `base64.invalid`,
 * `jwe.form`,
 * `jwe.header`, `jwe.key`, `jwe.decrypt`, `revocation.unavailable` (no such source here), `xml.*`, `xmldsig.*` (the
 * skeleton), `binding.transaction` (this id, other content; `data` of another skeleton), `binding.replay` (this
 * bundle is being judged or got a verdict under another submission), `store.*`
 */
export async function submitVerification(
  operator: PlatformOperator,
  tenant: TenantId,
  submission: VerificationSubmission,
  context: { readonly correlationId?: string } = {},
): Promise<Submitted> {
  const files = attachedFiles(submission);
  const verification: Verification = {
    ...(await newVerification(operator, tenant, submission, files)),
    ...context,
  };
  const { bundleHash, id } = verification;
  const lease = `bundle ${bundleHash}`;
  const now = operator.clock.now();
  if (!(await operator.leases.acquire(lease, id, now, (now + LEASE) as EpochMillis))) {
    throw new JitsuinError(
      'verification.running',
      'Another request is handing in this bundle: ask again in a moment.',
    );
  }
  try {
    return await insert(operator, verification, files);
  } finally {
    await operator.leases.release(lease, id);
  }
}

async function insert(
  operator: PlatformOperator,
  verification: Verification,
  files: readonly AttachedFile[],
): Promise<Submitted> {
  const { tenant, submissionKey } = verification;
  const owner = await operator.verifications.findByBundleHash(verification.bundleHash);
  if (owner !== undefined) {
    const before = await operator.verifications.findBySubmissionKey(tenant, submissionKey);
    return before === undefined
      ? refuseReplay(operator, owner, verification)
      : repeated(before, verification);
  }
  const effects = {
    jobs: [verifyJob(verification, `verify:${verification.id}`)],
    audit: [event(verification, 'verification.received')],
  };
  const inserted = await operator.verifications.insert(verification, effects, files);
  if (inserted) {
    const { id, correlationId } = verification;
    operator.log.info(
      'verification.received',
      defined({
        verification: id,
        tenant,
        correlationId,
      }),
    );
    return { verification, kind: 'accepted' };
  }
  const winner = await operator.verifications.findBySubmissionKey(tenant, submissionKey);
  if (winner === undefined) throw new JitsuinError('store.conflict', 'The submission was changed meanwhile.');
  return repeated(winner, verification);
}

function repeated(before: Verification, verification: Verification): Submitted {
  if (before.deletedAt !== undefined)
    throw new JitsuinError('verification.deleted', 'The verification of this submission was deleted.');
  if (before.submissionHash === verification.submissionHash)
    return { verification: before, kind: 'repeated' };
  throw new JitsuinError('binding.transaction', 'This submission_id was used with other content.', {
    at: 'submission_id',
  });
}

/** A replay leaves an audit event with the first owner's record and no new state (catalogue R6, J13). */
async function refuseReplay(
  operator: PlatformOperator,
  owner: Verification,
  verification: Verification,
): Promise<never> {
  await operator.audit.append({
    ...event(verification, 'verification.replayed', 'binding.replay'),
    subject: owner.id,
  });
  throw new JitsuinError('binding.replay', 'This bundle was handed in before, under another submission.', {
    at: 'jwe',
  });
}

function event(verification: Verification, name: string, code?: ErrorCode) {
  const { id, tenant, createdAt, service, profile, mode, checkMethod } = verification;
  const facts = { service, profile, mode, checkMethod };
  return defined({
    event: name,
    subject: id,
    tenant,
    at: createdAt,
    facts,
    code,
  });
}

async function newVerification(
  operator: PlatformOperator,
  tenant: TenantId,
  submission: VerificationSubmission,
  files: readonly AttachedFile[],
): Promise<Verification> {
  const profile = profileOf(submission);
  const judged = { submission, profile, files };
  judgeForm(operator, tenant, judged);
  const now = operator.clock.now();
  const skeleton = await skeletonOf(operator, tenant, judged, now);
  return defined({
    id: operator.random.id() as VerificationId,
    tenant,
    revision: 1,
    state: 'received',
    submissionKey: submission.submission_id,
    submissionHash: hashOf(JSON.stringify(Object.entries(submission).sort(([a], [b]) => (a < b ? -1 : 1)))),
    bundleHash: hashOf(submission.jwe),
    service: submission.service,
    environment: submission.environment,
    profile,
    mode: submission.mode,
    data: submission.data as SigningInput,
    checkMethod: submission.check_method,
    signedElement: submission.signed_element,
    createdAt: now,
    updatedAt: now,
    deadline: (now + operator.deadline) as EpochMillis,
    purgeAt: (now + operator.deadline) as EpochMillis,
    secrets: { skeleton, jwe: submission.jwe as CompactJwe },
  });
}

/**
 * What can be said at once, before anything is stored, and without any key: the skeleton, and that it gives `data`.
 * Whoever handed in the wrong one hands in the right one, and no signature is lost. Signature and certificate are
 * the worker's to judge.
 */
function judgeForm(operator: PlatformOperator, tenant: TenantId, judged: Judged): void {
  const { submission, profile } = judged;
  const { service, environment, mode, data, check_method: method } = submission;
  if (!operator.tenants.mayUse(tenant, service) || environment !== operator.environment) {
    throw new JitsuinError(
      'right.missing',
      'The contract of this tenant does not name this service in this environment.',
    );
  }
  if (mode === 'digest' && profile !== 'detached') {
    throw new JitsuinError('xmldsig.mode', 'No XML Signature can be made in mode digest.', { at: 'mode' });
  }
  if (mode === 'digest-info' && profile === 'detached') {
    if (operator.filesInDigestInfo !== 'allowed')
      throw new JitsuinError('xmldsig.mode', 'A file is verified in mode "digest" here.', { at: 'mode' });
  }
  const lengths: readonly number[] = DATA_OCTETS[mode];
  if (!lengths.includes(fromBase64(data, 'data').length)) {
    throw new JitsuinError('digest.data', `"data" has not the ${lengths.join(' or ')} octets of its mode.`, {
      at: 'data',
    });
  }
  const source = method === 'OCSP' ? operator.revocation.ocsp : operator.revocation.crl;
  if (source === undefined) {
    throw new JitsuinError('revocation.unavailable', `There is no ${method} source here.`, {
      at: 'check_method',
    });
  }
  readBundleHeader(submission.jwe as CompactJwe);
  const given = dataOf(operator, judged);
  if (given === data) return;
  throw new JitsuinError('binding.transaction', '"data" is not what the skeleton gives.', { at: 'data' });
}

/** What was handed in; with `joins` the document that others have signed, which must give the very same `data`. */
async function skeletonOf(
  operator: PlatformOperator,
  tenant: TenantId,
  { submission, profile, files }: Judged,
  at: EpochMillis,
): Promise<Uint8Array> {
  const { joins, skeleton, data } = submission;
  if (joins === undefined) return fromBase64(skeleton, 'skeleton');
  if (profile === 'detached' || isXmlSignatureProfileName(profile))
    throw new JitsuinError('xmldsig.profile', `Nobody signs beside another in "${profile}".`, {
      at: 'joins',
    });
  const form = formOf(operator.forms, profile);
  const joined = await joinedSkeleton(operator, { joins: joins as VerificationId, tenant, form, files, at });
  if (readFormSkeleton(joined, form).data === data) return joined;
  throw new JitsuinError('binding.transaction', 'What is joined is not what was signed now.', {
    at: 'joins',
  });
}

interface Judged {
  readonly submission: VerificationSubmission;
  readonly profile: SignatureProfileName;
  readonly files: readonly AttachedFile[];
}

function dataOf({ forms }: PlatformOperator, { submission, profile, files }: Judged): SigningInput {
  const { mode, signed_element: signedElement, form: asked } = submission;
  const octets = fromBase64(submission.skeleton, 'skeleton');
  if (profile === 'detached')
    return prepareDetached(octets, mode, hashOfSigningInput(submission.data, mode)).data;
  if (isXmlSignatureProfileName(profile))
    return readSkeleton(octets, profile, defined({ signedElement })).data;
  const form = formOf(forms, profile);
  if (form.sha256 !== asked?.sha256) {
    const here = `version ${form.version} with SHA-256 ${form.sha256}`;
    const message = `Form ${form.name} is ${here} here: have the same file.`;
    throw new JitsuinError('xmldsig.profile', message, { at: 'form' });
  }
  expectFileNames(files, form.container?.document);
  return readFormSkeleton(octets, form).data;
}

/** One of the two says what is signed. */
function profileOf({ profile, form }: VerificationSubmission): SignatureProfileName {
  if (profile !== undefined && form === undefined) return profile;
  if (form !== undefined && profile === undefined && !isXmlSignatureProfileName(form.name))
    return form.name as FormName;
  throw new JitsuinError(
    'xmldsig.profile',
    'Give "profile" or "form", one of them; a profile is no form here.',
    {
      at: 'form',
    },
  );
}

function attachedFiles({ form, files = [] }: VerificationSubmission): readonly AttachedFile[] {
  if (form === undefined && files.length > 0)
    throw new JitsuinError('xmldsig.file', 'Files go with a "form".', { at: 'files' });
  return files.map(({ name, octets }) => ({ name, octets: fromBase64(octets, 'files') }));
}

function hashOf(text: string): string {
  return hexSha256(text);
}
