import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import type { ProxySettings } from '../../adapters/http-client/forward-proxy.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { silentLog } from '../../adapters/log/pino-log.ts';
import { systemRandom } from '../../adapters/random.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import type { TsaConfig } from '../../config/parts.ts';
import { toHex } from '../../core/encoding.ts';
import { asJitsuinError, type ErrorCode } from '../../core/errors.ts';
import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import {
  openTimeStamping,
  type PolicySettings,
  readOcspSigner,
  readPolicy,
  readTsaTrustAnchors,
} from '../../roles/signature-verifier/wiring.ts';
import { requestTimeStamp } from '../../verification/evidence/request-time-stamp.ts';
import { signedQuestions } from '../../verification/revocation/signed-questions.ts';
import { algorithmEndsOf } from '../../verifier/policy/policy-file.ts';
import { checkRevocation } from '../../verifier/revocation/check.ts';
import { openCrl } from '../../verifier/revocation/crl.ts';
import { readCrlFields } from '../../verifier/revocation/crl-fields.ts';
import { crlForm } from '../../verifier/revocation/crl-intake.ts';
import { ocspRequest } from '../../verifier/revocation/ocsp-request.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { certificatesFromPem } from '../../verifier/x509/pem.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

interface VerifierSettings extends ProxySettings, PolicySettings {
  readonly trustFile: string;
  readonly ocspUrl?: string;
  readonly crlUrl?: string;
  readonly crlDir?: string;
  /** PEM files by which the sources know us. */
  readonly revocationTlsClientFile?: string;
  readonly ocspSignerFile?: string;
  /** Absent: refused. */
  readonly loopbackHttp?: 'refused' | 'allowed';
  readonly tsa?: TsaConfig;
}

/**
 * What a verifier (pf, gov) stands on beside its keys: trust anchors, revocation data of each of them, fetched and
 * judged as if about a certificate, the policy, and one token of the TSA.
 */
export async function examineVerifier(settings: VerifierSettings): Promise<readonly Finding[]> {
  const anchors: Certificate[] = [];
  const trust = await examineAnchors(settings.trustFile, anchors);
  return [
    trust,
    await examinePolicy(settings),
    await examineSources(settings),
    ...(await examineRevocation(settings, anchors)),
    ...(await examineTsa(settings)),
  ];
}

function examineAnchors(file: string, into: Certificate[]): Promise<Finding> {
  const check = 'trust-anchors';
  return examine(
    check,
    async () => {
      const anchors = certificatesFromPem(await readFile(file, 'utf8'));
      const now = systemClock.now();
      const good = anchors.filter(({ notAfter }) => now < notAfter);
      const end = new Date(Math.max(...anchors.map(({ notAfter }) => notAfter))).toISOString().slice(0, 10);
      const says = `${good.length} of ${anchors.length} trust anchor(s) are valid now, the last until ${end}.`;
      const [leaf] = anchors.flatMap((anchor, n) => (isCa(anchor) ? [] : [n + 1]));
      if (leaf !== undefined) {
        return failed(
          check,
          `Certificate ${leaf} of ${file} is no CA: as an anchor it trusts nobody but itself.`,
          'Put the certificates of the CAs of the signature certificates there, not one of a server or a person.',
          'certificate.not-ca',
        );
      }
      into.push(...good);
      return good.length > 0
        ? passed(check, says)
        : failed(check, says, `Put the current anchors into ${file}.`);
    },
    () =>
      `Put the trust anchors of this environment into ${file} as PEM; compare their fingerprints ` +
      'with the published ones.',
  );
}

/** Which policy applies, and which algorithm ends within the time that the policy wants to be warned. */
function examinePolicy(settings: VerifierSettings): Promise<Finding> {
  const check = 'validation-policy';
  return examine(
    check,
    async () => {
      const policy = await readPolicy(settings);
      const { name, algorithms } = policy.content;
      const says = `"${name}", SHA-256 ${policy.sha256}${settings.policyFile === undefined ? ' (shipped)' : ''}.`;
      const horizon = systemClock.now() + algorithms.warnDaysBefore * DAY_MILLIS;
      const soon = algorithmEndsOf(policy).filter(({ at }) => at < horizon);
      if (soon.length === 0) return passed(check, says);
      const ends = soon.map(
        ({ use, at }) => `${use.slice('algorithm-'.length)} on ${new Date(at).toISOString().slice(0, 10)}`,
      );
      const advice =
        'What is signed with it later is held. Evidence made before needs its time-stamps by then (JITSUIN_TSA_URL).';
      return { check, state: 'warning', says: `${says} By it these end: ${ends.join(', ')}.`, advice };
    },
    () => 'See samples/guides/policy-file.md; samples/policies has whole files to begin with.',
  );
}

const LIST_ADVICE =
  'Have these delivered anew, in DER, and renamed into the folder when whole. Until then the lists before them count.';

/** What keeps a file of the folder from being a list that counts now; who signed it is judged when it is used. */
async function listFault(folder: string, name: string): Promise<readonly string[]> {
  const octets = await readFile(join(folder, name));
  const form = crlForm(octets);
  if (form === 'pem') return [`${name} is PEM; lists are DER.`];
  if (form !== undefined) return [`${name} has octets after its end, perhaps a line end.`];
  const now = systemClock.now();
  try {
    const { thisUpdate, nextUpdate = 0 } = readCrlFields(octets);
    if (thisUpdate > now + MINUTE_MILLIS)
      return [`${name} is from the future, ${new Date(thisUpdate).toISOString()}.`];
    return nextUpdate < now ? [`${name} ended ${new Date(nextUpdate).toISOString()}.`] : [];
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return [`${name} is no CRL.`];
  }
}

function isCa({ basicConstraints, keyUsage }: Certificate): boolean {
  return basicConstraints?.ca === true && (keyUsage === undefined || keyUsage.has('keyCertSign'));
}

function examineSources({ ocspUrl, crlUrl, crlDir }: VerifierSettings): Promise<Finding> {
  const check = 'revocation-source';
  return examine(check, async () => {
    const sources = [ocspUrl, crlUrl].filter((url) => url !== undefined).map((url) => new URL(url).host);
    if (crlDir !== undefined) {
      if (!existsSync(crlDir))
        return failed(check, `${crlDir} is not there.`, 'Make it and have CRLs delivered there.');
      const names = (await readdir(crlDir)).filter((name) => name.endsWith('.crl'));
      sources.push(`${crlDir} (${names.length} lists)`);
      const faults = (await Promise.all(names.map((name) => listFault(crlDir, name)))).flat();
      if (faults.length > 0) return { check, state: 'warning', says: faults.join(' '), advice: LIST_ADVICE };
    }
    if (sources.length > 0) return passed(check, `Configured: ${sources.join(', ')}.`);
    return failed(
      check,
      'No source of revocation data is configured: every verdict would be INDETERMINATE.',
      'Set JITSUIN_OCSP_URL, JITSUIN_CRL_URL or JITSUIN_CRL_DIR.',
    );
  });
}

async function examineRevocation(
  settings: VerifierSettings,
  anchors: readonly Certificate[],
): Promise<readonly Finding[]> {
  const { crlDir, crlUrl, ocspUrl } = settings;
  const opened = openRevocationSource({
    ...settings,
    loopbackHttp: settings.loopbackHttp ?? 'refused',
    clock: systemClock,
    createHttpClient,
    proxy: settings,
  });
  try {
    const findings: Finding[] = [];
    const asked = signedQuestions(opened.source, readOcspSigner(settings));
    for (const [index, anchor] of anchors.entries()) {
      if (ocspUrl !== undefined) findings.push(await examineOcsp(`ocsp-${index + 1}`, anchor, asked));
      if (crlUrl !== undefined) findings.push(await examineCrl(`crl-${index + 1}`, anchor, opened.source));
    }
    if (crlDir !== undefined && existsSync(crlDir)) findings.push(await examineCrlFolder(crlDir, anchors));
    return findings;
  } finally {
    opened.close();
  }
}

/** Nobody has this number: an honest responder says so, under its signature. */
function strangerOf(anchor: Certificate): Certificate {
  return { ...anchor, serialNumber: Uint8Array.from([0x51, ...systemRandom(systemClock).octets(15)]) };
}

/** Asks about a certificate that there is not. The answer is judged as any: signature, responder, dates, nonce. */
function examineOcsp(check: string, issuer: Certificate, source: RevocationSource): Promise<Finding> {
  return examine(
    check,
    async () => {
      const certificate = strangerOf(issuer);
      const nonce = systemRandom(systemClock).octets(16);
      const answer = await source.ocsp?.(ocspRequest({ certificate, issuer, nonce }));
      const data = { crls: [], ocsp: answer === undefined ? [] : [answer] };
      const at = systemClock.now();
      const result = checkRevocation({ certificate, issuer, data, at, method: 'OCSP', nonce });
      const code = result.status === 'indeterminate' ? result.code : undefined;
      if (code === undefined || code === 'revocation.unknown')
        return passed(check, `The OCSP responder answers for this anchor, and its answer verifies.`);
      return failed(
        check,
        `The OCSP responder answers for this anchor, and its answer is of no use.`,
        OCSP_ADVICE[code] ?? LOOK,
        code,
      );
    },
    unreachable('JITSUIN_OCSP_URL'),
  );
}

const LOOK = 'Look at the code in guides/errors.md, and ask the operator of the source.';
const OCSP_ADVICE: Partial<Record<ErrorCode, string>> = {
  'revocation.refused':
    'The responder refuses us: it serves another CA, wants a registration, or signed questions ' +
    '(JITSUIN_OCSP_SIGNER_FILE).',
  'revocation.unavailable': 'The responder asks to try later: run this again.',
  'revocation.responder':
    'Its certificate was not issued by this anchor for OCSP: compare JITSUIN_TRUST_FILE with the environment.',
  'revocation.signature': 'Its signature does not verify: compare JITSUIN_TRUST_FILE with the environment.',
  'revocation.issuer':
    'It answers about another CA: compare JITSUIN_OCSP_URL with the environment of the anchors.',
  'revocation.serial': 'It answers about another certificate: a cache in between gives old answers out.',
  'revocation.nonce': 'It answers without our nonce: a cache in between, or a responder without nonces.',
  'revocation.stale': 'Its answers are old: a cache in between, or compare the clocks.',
  'revocation.future': 'Its answers are of the future: compare the clocks.',
  'revocation.invalid':
    'What answers at JITSUIN_OCSP_URL is no OCSP responder: look at the address and its path.',
};

function unreachable(variable: string): () => string {
  return () => `Look at ${variable} (host, port, path), DNS, firewall and proxy.`;
}

/** Lists are asked by the distribution point of a certificate; a CA's own name is the one that an anchor tells. */
function examineCrl(check: string, anchor: Certificate, source: RevocationSource): Promise<Finding> {
  return examine(
    check,
    async () => {
      try {
        const der = await source.crl?.(anchor.subject.der, anchor.subjectKeyIdentifier);
        return judgedCrl(check, der ?? new Uint8Array(), [anchor]);
      } catch (thrown) {
        const { message } = asJitsuinError(thrown);
        if (!message.endsWith('answered 404.')) throw thrown;
        const says = 'The source of CRLs answers; it has no list under the name of this anchor.';
        const advice =
          'Nothing is to be done where its lists have names of their own (partitions): they are asked ' +
          'for by certificate.';
        return { check, state: 'warning', says, advice };
      }
    },
    unreachable('JITSUIN_CRL_URL'),
  );
}

function judgedCrl(check: string, der: Uint8Array, issuers: readonly Certificate[]): Finding {
  const { nextUpdate, thisUpdate, crlNumber } = openCrl(der, { issuers });
  const now = systemClock.now();
  const until = nextUpdate === undefined ? '' : `, until ${new Date(nextUpdate).toISOString()}`;
  if (thisUpdate > now + 300_000)
    return failed(
      check,
      'The CRL is of the future.',
      'Compare the clock of this machine.',
      'revocation.future',
    );
  if (nextUpdate !== undefined && nextUpdate < now)
    return failed(
      check,
      `The CRL has ended at ${new Date(nextUpdate).toISOString()}.`,
      'Have the current one delivered: without it every verdict is INDETERMINATE.',
      'revocation.stale',
    );
  const number = BigInt(`0x${toHex(crlNumber)}`);
  return passed(check, `A CRL, number ${number}, of ${new Date(thisUpdate).toISOString()} verifies${until}.`);
}

/** How many are told one by one. */
const MOST_LISTS = 10;

/** Each file of the folder is a list of one of the anchors, verifies, and is fresh. */
function examineCrlFolder(folder: string, anchors: readonly Certificate[]): Promise<Finding> {
  const check = 'crl-folder';
  const advice = `Have whole DER files renamed into ${folder}, each signed by a CA of JITSUIN_TRUST_FILE.`;
  return examine(
    check,
    async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.crl'));
      if (names.length === 0)
        return failed(check, `${folder} has no file *.crl.`, advice, 'revocation.unavailable');
      const lists: string[] = [];
      for (const name of names) {
        const der = new Uint8Array(await readFile(join(folder, name)));
        try {
          const judged = judgedCrl(check, der, anchors);
          if (judged.state !== 'passed') return { ...judged, says: `${name}: ${judged.says}` };
          lists.push(`${name}: ${judged.says}`);
        } catch (thrown) {
          const error = asJitsuinError(thrown);
          return failed(check, `${name}: ${error.message}`, advice, error.code);
        }
      }
      const first = lists.slice(0, MOST_LISTS).join(' ');
      return passed(check, `${names.length} list(s) in ${folder} verify and are fresh. ${first}`);
    },
    () => advice,
  );
}

async function examineTsa(settings: VerifierSettings): Promise<readonly Finding[]> {
  const { tsa } = settings;
  const check = 'time-stamp';
  if (tsa === undefined)
    return [{ check, state: 'skipped', says: 'No TSA is configured: evidence gets no time-stamps.' }];
  const finding = await examine(
    check,
    async () => {
      await readTsaTrustAnchors(tsa.trustFile);
      const opened = await openTimeStamping(
        { ...settings, loopbackHttp: settings.loopbackHttp ?? 'refused' },
        systemClock,
      );
      try {
        if (opened === undefined) throw new Error('a TSA is configured');
        const asker = { clock: systemClock, random: systemRandom(systemClock), log: silentLog };
        const { validUntil } = await requestTimeStamp(asker, opened.timeStamping, asker.random.octets(32));
        return passed(
          check,
          'The TSA gave a token that verifies; its certificate is good until ' +
            `${new Date(validUntil).toISOString().slice(0, 10)}.`,
        );
      } finally {
        opened?.close();
      }
    },
    (error) =>
      TSA_ADVICE[error.code] ?? 'Look at JITSUIN_TSA_URL (host, port, path), DNS, firewall and proxy.',
  );
  return [finding];
}

const TSA_ADVICE: Partial<Record<ErrorCode, string>> = {
  'timestamp.certificate': 'The TSA is not of a CA in JITSUIN_TSA_TRUST_FILE: put its root there.',
  'timestamp.policy': 'The TSA stamps under another policy than JITSUIN_TSA_POLICY.',
  'timestamp.refused': 'The TSA refuses: it may want a registration, or takes no such policy or hash.',
  'timestamp.renewal': 'The TSA signs by an algorithm that has ended (JITSUIN_ALGORITHM_ENDS).',
  'certificate.revoked': 'The certificate of the TSA was revoked: ask it for its successor.',
  'revocation.unavailable':
    'Nothing says whether the certificate of the TSA is good: look at JITSUIN_TSA_OCSP_URL, ' +
    'JITSUIN_TSA_CRL_URL or JITSUIN_TSA_CRL_DIR.',
  'config.invalid': 'Look at JITSUIN_TSA_TRUST_FILE.',
  'certificate.syntax': 'JITSUIN_TSA_TRUST_FILE must hold PEM certificates.',
};
