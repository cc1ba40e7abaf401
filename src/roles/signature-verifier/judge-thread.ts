import { workerData } from 'node:worker_threads';
import { serveThread } from '../../adapters/threads/serve-thread.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { judgeUpload } from '../../verifier/judge-upload.ts';
import { policyOf } from '../../verifier/policy/validation-policy.ts';
import { parseCertificate } from '../../verifier/x509/certificate.ts';
import type { CrlQuestion, JudgeThreadData, JudgeWork } from './judge-messages.ts';

// The program of a judging thread: strangers' documents are judged here, never beside other people's requests.
const { policy: file, trustAnchors, intermediates, crls }: JudgeThreadData = workerData;
const anchors = trustAnchors.map((der) => parseCertificate(der));
const between = intermediates.map((der) => parseCertificate(der));
const policy = policyOf(file, 'CRL');

serveThread((work, ask) => {
  const { upload, at } = work as JudgeWork;
  const crl = async (distributionPoint: Uint8Array, authorityKeyIdentifier?: Uint8Array) => {
    const question: CrlQuestion = defined({ distributionPoint, authorityKeyIdentifier });
    const answer = await ask(question);
    if (answer instanceof Uint8Array) return answer;
    throw new JitsuinError('internal.unexpected', 'A CRL was asked for, and something else came.');
  };
  const rules = { trustAnchors: anchors, intermediates: between, policy, at };
  return judgeUpload(upload, crls === 'asked' ? { ...rules, crl } : rules);
});
