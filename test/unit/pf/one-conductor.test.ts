import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import { command } from '../../../src/cli/verify.ts';
import type { ApplicationId, SignatureValue } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import type { Check } from '../../../src/core/report.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { createVerifyInside } from '../../../src/verification/judge-clear-result.ts';
import { createRevocationWatch } from '../../../src/verification/revocation/revocation-watch.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { recordedDecision, verifyEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import { judgeOffline } from '../../../src/verifier/judge-offline.ts';
import { judgeUpload } from '../../../src/verifier/judge-upload.ts';
import { JUDGEMENT_CHECKS } from '../../../src/verifier/judgement-checks.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type { RevocationData, ValidationRequest } from '../../../src/verifier/validation-types.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import {
  APPLICATIONS,
  anchorsOf,
  FILE,
  NOW,
  newRegistry,
  revocationAnswers,
  type Signed,
  signFile,
  signXml,
} from '../../support/pf-signing.ts';
import { KeptLog, SharedClock } from '../../support/pf-world.ts';
import { toPem } from '../../support/pki/test-pki.ts';
import { testRoot } from '../../support/xmldsig/signers.ts';

const registry = newRegistry();
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-conductor-'));
const policy = jpkiSigningPolicy('test', 'CRL');
/** An anchor of another PKI. */
const stranger = parseCertificate(testRoot().certificateDer);
const PEOPLE = ['taro', 'previous', 'revoked', 'on-hold', 'expired'] as const;
const CHANGES = ['as signed', 'another value', 'no anchor', 'no list'] as const;
type Change = (typeof CHANGES)[number];

/**
 * A check without its sentence, which names the face's own words at most; a document on its own is bound to no
 * transaction.
 */
const bare = (checks: readonly Check[]) =>
  checks
    .filter(({ name }) => name !== 'transaction-binding')
    .map(({ name, result, code, subIndication, class: verdictClass }) => [
      name,
      result,
      code,
      subIndication,
      verdictClass,
    ]);

interface Case {
  readonly signed: Signed;
  readonly trustAnchors: readonly Certificate[];
  readonly data: (needs: Parameters<typeof revocationAnswers>[1]) => readonly RevocationData[];
}

function caseOf(person: string, change: Change): Case {
  const made = signXml(registry, person, 'enveloped');
  const value = made.signatureValue.map((octet, index) =>
    index === 7 ? octet ^ 1 : octet,
  ) as SignatureValue;
  return {
    signed: change === 'another value' ? { ...made, signatureValue: value } : made,
    trustAnchors: change === 'no anchor' ? [stranger] : anchorsOf(registry),
    data: (needs) =>
      change === 'no list' ? needs.map(() => ({ crls: [], ocsp: [] })) : revocationAnswers(registry, needs),
  };
}

function requestOf({ signed, trustAnchors }: Case): ValidationRequest {
  const subject = { kind: 'skeleton', ...signed } as const;
  return { subject, mode: 'digest-info', data: signed.prepared.data, trustAnchors, at: NOW, policy };
}

/** The finished document, whatever is wrong with it. */
function documentOf({ signed }: Case): Uint8Array {
  const { skeleton } = signed.prepared;
  const text = Buffer.from(skeleton)
    .toString('utf8')
    .replace(
      '<SignatureValue></SignatureValue>',
      `<SignatureValue>${toBase64(signed.signatureValue)}</SignatureValue>`,
    )
    .replace(
      '<X509Certificate></X509Certificate>',
      `<X509Certificate>${toBase64(signed.certificate)}</X509Certificate>`,
    );
  return Buffer.from(text, 'utf8');
}

function pf(one: Case) {
  const request = requestOf(one);
  const started = startValidation(request);
  const data = started.kind === 'decided' ? [] : one.data(started.needs);
  const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
  return { request, outcome, data };
}

async function gov(one: Case, person: string): Promise<readonly Check[] | 'open'> {
  const kept = new Map<string, Uint8Array>();
  const log = new KeptLog();
  const listed = one.data([]).length === 0 && (await someCrl(one)) !== undefined;
  const verify = createVerifyInside({
    forms: formCatalogue(),
    policy: shippedFor('test'),
    checkMethod: 'CRL',
    clockTolerance: 60_000,
    revocation: {
      ocsp: async () => new Uint8Array(0),
      crl: async (name) => new Uint8Array(listed ? (makeCrl(registry, name, NOW) ?? []) : []),
      clockOffset: () => 0,
    },
    log,
    revocationWatch: createRevocationWatch(new SharedClock(), log),
    responderCache: new Map(),
    trustAnchors: one.trustAnchors,
    evidence: {
      put: async (id, _tenant, octets) => void kept.set(id, octets),
      get: async (id) => kept.get(id),
      sealOf: async () => undefined,
      delete: async (id) => void kept.delete(id),
      collectFiles: async () => 0,
    },
    random: { octets: (length) => new Uint8Array(length).fill(7), id: () => 'id' },
  });
  const { signed } = one;
  await verify({
    application: person as ApplicationId,
    tenant: 'tenant-1',
    profile: 'enveloped',
    mode: 'digest-info',
    data: signed.prepared.data,
    prepared: signed.prepared.state,
    document: APPLICATIONS.enveloped,
    files: [],
    certificate: signed.certificate,
    signatureValue: signed.signatureValue,
    at: NOW,
    patience: 'last-word',
  });
  const octets = kept.get(person);
  return octets === undefined ? 'open' : recordedDecision(octets).report.checks;
}

async function someCrl(one: Case): Promise<Uint8Array | undefined> {
  const started = startValidation(requestOf(one));
  return started.kind === 'decided' ? undefined : one.data(started.needs)[0]?.crls[0];
}

async function judgedByCommand(args: readonly string[]): Promise<readonly Check[]> {
  let out = '';
  const io: CommandIo = {
    stdout: (text) => {
      out += text;
    },
    stderr: () => {},
    isTty: false,
    env: {},
    signal: new AbortController().signal,
  };
  await command.run([...args, '--json', '--at', new Date(NOW).toISOString()], io);
  const { checks } = JSON.parse(out) as {
    readonly checks: readonly (Check & { readonly sub_indication?: string })[];
  };
  return checks.map(({ sub_indication, ...check }) =>
    sub_indication === undefined ? check : ({ ...check, subIndication: sub_indication } as Check),
  );
}

function files(one: Case, data: readonly RevocationData[]): readonly string[] {
  const trust = join(folder, 'trust.pem');
  writeFileSync(trust, one.trustAnchors.map(({ der }) => toPem(der)).join(''));
  const lists = data
    .flatMap(({ crls }) => crls)
    .flatMap((der, index) => {
      const path = join(folder, `${index}.crl`);
      writeFileSync(path, der);
      return ['--crl', path];
    });
  return ['--trust', trust, ...lists];
}
/** Each check is one of the list, in its order, with a code that the list has for it. */
function expectListed(checks: readonly Check[]): void {
  const listed = JUDGEMENT_CHECKS.map(({ name }) => name);
  const places = checks.map(({ name }) => listed.indexOf(name));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((one, other) => one - other));
  for (const { name, code } of checks.filter((check) => check.code !== undefined))
    expect(JUDGEMENT_CHECKS.find((check) => check.name === name)?.codes, name).toContain(code);
}

describe.each(PEOPLE)('every face comes to its verdict through the same function: %s', (person) => {
  it.each(CHANGES)('%s', async (change) => {
    const one = caseOf(person, change);
    const { request, outcome, data } = pf(one);
    const expected = bare(outcome.report.checks);
    const names = outcome.report.checks.map(({ name }) => name);
    expect(new Set(names).size, 'names are unique in a report').toBe(names.length);
    expectListed(outcome.report.checks);

    const inside = await gov(one, person);
    if (outcome.report.class === 'hold') expect(inside).toBe('open');
    else if (change !== 'no list') expect(inside === 'open' ? inside : bare(inside)).toEqual(expected);

    const document = documentOf(one);
    const upload = await judgeUpload(
      { octets: document, profile: 'enveloped' },
      {
        trustAnchors: one.trustAnchors,
        at: NOW,
        policy,
        crl: async (name) =>
          new Uint8Array((change === 'no list' ? undefined : makeCrl(registry, name, NOW)) ?? []),
      },
    );
    if (change !== 'no list') expect(bare(upload.report.checks)).toEqual(expected);

    const path = join(folder, `${person}.xml`);
    writeFileSync(path, document);
    expect(bare(await judgedByCommand([path, ...files(one, data)]))).toEqual(expected);

    const subject = { kind: 'document', document, profile: 'enveloped' } as const;
    const [first = { crls: [], ocsp: [] }] = data;
    const offline = judgeOffline(subject, 'digest-info', {
      trustAnchors: one.trustAnchors,
      intermediates: [],
      data: first,
      revocation: 'asked',
      policy,
      at: NOW,
    });
    expect(bare(offline.report.checks)).toEqual(expected);

    const record = makeEvidence({
      id: person,
      request,
      outcome,
      data,
      instantSource: 'platform-clock',
      validatorVersion: '0',
    });
    const again = verifyEvidence(record.octets, one.trustAnchors);
    expect(again.integrity.checks.filter(({ result }) => result !== 'passed')).toEqual([]);
    expect(again.decision?.checks).toEqual(outcome.report.checks);
  });
});

describe.each(PEOPLE)('a file with its signature beside it: %s', (person) => {
  it('pf, jitsuin verify --detached and evidence say the same', async () => {
    const {
      data: signingInput,
      octets,
      certificate,
      signatureValue,
    } = signFile(registry, person, FILE, 'digest');
    const request: ValidationRequest = {
      subject: { kind: 'file', octets, certificate, signatureValue },
      mode: 'digest',
      data: signingInput,
      trustAnchors: anchorsOf(registry),
      at: NOW,
      policy,
    };
    const started = startValidation(request);
    const data = started.kind === 'decided' ? [] : revocationAnswers(registry, started.needs);
    const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
    const [file, signer] = [join(folder, `${person}.bin`), join(folder, `${person}.der`)];
    writeFileSync(file, octets);
    writeFileSync(signer, certificate);
    const one = { ...caseOf(person, 'as signed') };
    const beside = [
      '--detached',
      file,
      '--signature-value',
      toBase64(signatureValue),
      '--certificate',
      signer,
      '--mode',
      'digest',
    ];
    expectListed(outcome.report.checks);
    expect(bare(await judgedByCommand([...beside, ...files(one, data)]))).toEqual(
      bare(outcome.report.checks),
    );
    const record = makeEvidence({
      id: person,
      request,
      outcome,
      data,
      instantSource: 'platform-clock',
      validatorVersion: '0',
    });
    expect(verifyEvidence(record.octets, anchorsOf(registry)).decision?.checks).toEqual(
      outcome.report.checks,
    );
  });
});

it('there is no second conductor: what joins path and revocation besides asks for another time, or for the status alone', () => {
  const walk = (directory: string): readonly string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? walk(join(directory, entry.name)) : [join(directory, entry.name)],
    );
  const joined = walk('src').filter((file) => {
    const source = readFileSync(file, 'utf8');
    return (
      /\bjudgeRevocation\(/.test(source) && /\b(?:judgeCertificate|validateCertificationPath)\(/.test(source)
    );
  });
  expect(joined.sort()).toEqual([
    'src/pf/check-status.ts',
    'src/verifier/evidence/proven-decision.ts',
    'src/verifier/evidence/used-material.ts',
    'src/verifier/validate.ts',
  ]);
});
