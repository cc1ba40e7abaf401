import { createHash, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { command as assemble } from '../../../src/cli/assemble.ts';
import { command as c14n } from '../../../src/cli/c14n.ts';
import { type Command, type CommandIo, UsageError } from '../../../src/cli/command.ts';
import { command as prepare } from '../../../src/cli/prepare.ts';
import { command as verify } from '../../../src/cli/verify.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { APPLICATION, PROFILES } from '../../support/xmldsig/documents.ts';
import { testCrl, testRoot, testSigner } from '../../support/xmldsig/signers.ts';
import { RSA_SHA256_SIGNING } from '../../support/xmldsig/signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-cli-'));
const path = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(path(name), content);
  return path(name);
};

async function run(
  command: Command,
  ...args: readonly string[]
): Promise<{ status: number | string; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: CommandIo = {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    isTty: false,
    env: {},
    signal: new AbortController().signal,
  };
  try {
    return { status: await command.run(args, io), out, err };
  } catch (thrown) {
    if (thrown instanceof UsageError) return { status: 'usage', out, err: thrown.message };
    return { status: thrown instanceof JitsuinError ? thrown.code : String(thrown), out, err };
  }
}

const FILE = write('application.xml', APPLICATION);
let certificate = '';
let root = '';

beforeAll(() => {
  certificate = write('certificate.der', testSigner('rsa').certificateDer);
  root = write('root.der', testRoot().certificateDer);
});

async function signed(profile: string): Promise<string> {
  const state = path(`${profile}.json`);
  const info = path(`${profile}.signed-info`);
  const out = path(`${profile}.xml`);
  expect(
    (await run(prepare, FILE, '--profile', profile, '--state', state, '--signed-info', info)).status,
  ).toBe(0);
  const value = write(
    `${profile}.value`,
    RSA_SHA256_SIGNING(readFileSync(info), testSigner('rsa').privateKey),
  );
  const done = await run(
    assemble,
    '--state',
    state,
    '--signature-value',
    value,
    '--certificate',
    certificate,
    '--out',
    out,
  );
  expect(done).toMatchObject({ status: 0, err: '' });
  return out;
}

describe.each(PROFILES)('jitsuin prepare, assemble and verify, profile %s', (profile) => {
  it('carry a document from start to verdict', async () => {
    const file = await signed(profile);
    const octets = path(`${profile}.octets`);
    const options = ['--profile', profile, '--trust', root, '--policy', 'general'];
    const passed = await run(
      verify,
      file,
      ...options,
      '--no-revocation',
      '--json',
      '--signed-octets',
      octets,
    );
    const report = JSON.parse(passed.out);
    expect(report).toMatchObject({ indication: 'TOTAL-PASSED', profile, policy: 'general-rfc5280-3' });
    expect(report.checks.at(-2)).toMatchObject({ name: 'revocation-status', result: 'not-reached' });
    expect(passed.status).toBe(0);
    expect(readFileSync(octets, 'utf8')).toContain('<氏名>');
    const undecided = await run(verify, file, ...options, '--json');
    expect(undecided.status).toBe(3);
    expect(JSON.parse(undecided.out)).toMatchObject({
      indication: 'INDETERMINATE',
      code: 'revocation.unavailable',
    });
    const good = write('good.crl', testCrl({ revoked: false }));
    expect((await run(verify, file, ...options, '--crl', good)).status).toBe(0);
    const bad = write('revoked.crl', testCrl({ revoked: true }));
    const revoked = await run(verify, file, ...options, '--crl', bad, '--json');
    expect(revoked.status).toBe(3);
    expect(JSON.parse(revoked.out).code).toBe('certificate.revoked');
  });

  it('say invalid with exit status 1, and why', async () => {
    const file = await signed(profile);
    const changed = write('changed.xml', readFileSync(file, 'utf8').replace('2025/02/04', '2026/02/04'));
    const octets = path('never.octets');
    const options = ['--profile', profile, '--trust', root, '--policy', 'general', '--no-revocation'];
    const failed = await run(verify, changed, ...options, '--json', '--explain', '--signed-octets', octets);
    expect(failed.status).toBe(1);
    const report = JSON.parse(failed.out);
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', code: 'xmldsig.digest' });
    expect(report.signed_octets_sha256).toBeUndefined();
    expect(report.explanation.tried.length).toBeGreaterThan(20);
    expect(() => readFileSync(octets)).toThrow();
    const policy = await run(
      verify,
      file,
      '--profile',
      profile,
      '--trust',
      certificate,
      '--no-revocation',
      '--json',
    );
    expect(policy.status).toBe(3);
    expect(JSON.parse(policy.out).policy).toBe('jpki-signing-production-3');
  });
});

describe('jitsuin verify --policy FILE', () => {
  const own = (change: (content: Record<string, unknown>) => void): string => {
    const content = JSON.parse(readFileSync('samples/policies/general.json', 'utf8'));
    change(content);
    return write(`${content.name}.json`, JSON.stringify(content));
  };
  const judged = async (policy: string, ...more: readonly string[]) => {
    const rules = ['--trust', root, '--policy', policy, '--no-revocation', '--json'];
    return run(verify, await signed('enveloped'), ...rules, ...more);
  };

  it('judges by the file and names it with its SHA-256', async () => {
    const file = own((content) => {
      content['name'] = 'ours-1';
    });
    const { status, out } = await judged(file);
    expect(status).toBe(0);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(JSON.parse(out)).toMatchObject({ policy: 'ours-1', policy_sha256: sha256 });
  });

  it('a file that is no policy is named with its member', async () => {
    const file = own((content) => {
      content['name'] = 'ours-2';
      content['timeStamp'] = 'wanted';
    });
    expect((await judged(file)).status).toBe('config.invalid');
  });

  it('a demanded time-stamp that is not there leaves it open', async () => {
    const file = own((content) => {
      content['name'] = 'ours-3';
      content['timeStamp'] = 'demanded';
    });
    const { status, out } = await judged(file);
    expect([status, JSON.parse(out).code]).toEqual([3, 'timestamp.unavailable']);
  });

  it('time-stamps and their root are given together, and are files', async () => {
    expect((await judged('general', '--timestamp', FILE)).status).toBe('usage');
    expect((await judged('general', '--tsa-trust', root)).status).toBe('usage');
    const { out } = await judged('general', '--timestamp', FILE, '--tsa-trust', root);
    expect(JSON.parse(out)).toMatchObject({
      indication: 'TOTAL-PASSED',
      time_stamps: [{ code: 'timestamp.form' }],
    });
  });
});

describe('jitsuin verify', () => {
  it.each<[string, string[]]>([
    ['no file', ['--trust', 'x']],
    ['two files as JSON', ['a', 'b', '--trust', 'x', '--json']],
    ['no anchor', [FILE]],
    ['unknown profile', [FILE, '--trust', 'x', '--profile', 'xades']],
    ['unknown policy', [FILE, '--trust', 'x', '--policy', 'none']],
    ['element and id', [FILE, '--trust', FILE, '--element', 'a', '--id', 'b']],
    ['CRL and no revocation', [FILE, '--trust', 'x', '--crl', 'y', '--no-revocation']],
    ['mode of XML', [FILE, '--trust', 'x', '--mode', 'digest']],
    ['element of a file', [FILE, '--trust', 'x', '--profile', 'detached', '--element', 'a']],
    ['detached and another profile', [FILE, '--trust', 'x', '--detached', '--profile', 'by-id']],
    ['a result of XML', [FILE, '--trust', 'x', '--result', 'y']],
    ['expected without explain', [FILE, '--trust', 'x', '--expected', 'y']],
  ])('wrong use: %s', async (_, args) => {
    expect((await run(verify, ...args)).status).toBe('usage');
  });

  it('a result that is none, or beside a mode of its own: wrong use', async () => {
    const rules = ['--trust', root, '--no-revocation'];
    const result = ['--detached', FILE, '--result', FILE];
    expect((await run(verify, ...result, ...rules)).status).toBe('usage');
    expect((await run(verify, ...result, ...rules, '--mode', 'digest')).status).toBe('usage');
  });

  it('takes an instant only with its time zone', async () => {
    for (const at of ['2026-11-22', '2026-11-22T00:00:00', 'yesterday', '1790000000']) {
      expect((await run(verify, FILE, '--trust', root, '--at', at)).status).toBe('usage');
    }
  });

  it('an unsigned file is invalid, never "valid with no signature"', async () => {
    const { status, out } = await run(verify, FILE, '--trust', root, '--no-revocation', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out).code).toBe('xmldsig.unsigned');
  });

  it('judges a detached signature in its own mode only', async () => {
    const state = path('detached.json');
    await run(prepare, FILE, '--profile', 'detached', '--mode', 'digest', '--state', state);
    const digest = Buffer.from(JSON.parse(readFileSync(state, 'utf8')).data, 'base64');
    const value = Buffer.from(RSA_SHA256_SIGNING(digest, testSigner('rsa').privateKey)).toString('base64');
    const options = ['--profile', 'detached', '--signature-value', value, '--certificate', certificate];
    const rules = ['--trust', root, '--policy', 'general', '--no-revocation', '--json'];
    expect((await run(verify, FILE, ...options, ...rules, '--mode', 'digest')).status).toBe(0);
    const other = await run(verify, FILE, ...options, ...rules, '--mode', 'digest-info');
    expect(other.status).toBe(1);
    expect(JSON.parse(other.out).code).toBe('xmldsig.signature');
  });

  it.each(['digest', 'digest-info'] as const)(
    'writes a detached result and judges by it, mode %s',
    async (mode) => {
      const state = path(`detached-${mode}.json`);
      await run(prepare, FILE, '--profile', 'detached', '--mode', mode, '--state', state);
      const message =
        mode === 'digest'
          ? Buffer.from(JSON.parse(readFileSync(state, 'utf8')).data, 'base64')
          : readFileSync(FILE);
      const value = Buffer.from(RSA_SHA256_SIGNING(message, testSigner('rsa').privateKey)).toString('base64');
      const rules = ['--trust', root, '--policy', 'general', '--no-revocation', '--json'];
      const result = path(`result-${mode}.json`);
      const parts = ['--signature-value', value, '--certificate', certificate, '--mode', mode];
      expect(
        (await run(verify, '--detached', FILE, ...parts, ...rules, '--write-result', result)).status,
      ).toBe(0);
      const kept = JSON.parse(readFileSync(result, 'utf8'));
      expect(kept).toMatchObject({
        format: 'jitsuin-detached-signature',
        version: 1,
        mode,
        signature_value: value,
      });
      expect((await run(verify, '--detached', FILE, '--result', result, ...rules)).status).toBe(0);
      const other = write('other-file', Buffer.concat([readFileSync(FILE), Buffer.from(' ')]));
      const refused = path(`refused-${mode}.json`);
      const wrong = await run(
        verify,
        '--detached',
        other,
        '--result',
        result,
        ...rules,
        '--write-result',
        refused,
      );
      expect([wrong.status, JSON.parse(wrong.out).code]).toEqual([1, 'xmldsig.signature']);
      expect(() => readFileSync(refused)).toThrow();
      const swapped = { ...kept, mode: mode === 'digest' ? 'digest-info' : 'digest' };
      const changed = write(`changed-${mode}.json`, Buffer.from(JSON.stringify(swapped)));
      expect((await run(verify, '--detached', FILE, '--result', changed, ...rules)).status).toBe(1);
    },
  );
});

describe('the next card (P-384)', () => {
  const kinds = (['ecdsa-sha384', 'ecdsa-sha256'] as const).flatMap((algorithm) =>
    (['ieee-p1363', 'der'] as const).flatMap((encoding) =>
      PROFILES.map((profile) => ({ algorithm, encoding, profile })),
    ),
  );
  it.each(kinds)('$algorithm, value in $encoding, profile $profile', async (kind) => {
    const { algorithm, encoding, profile } = kind;
    const name = `${algorithm}-${encoding}-${profile}`;
    const [state, info, out] = [path(`${name}.json`), path(`${name}.info`), path(`${name}.xml`)];
    const chosen = ['--profile', profile, '--algorithm', algorithm, '--json'];
    const prepared = await run(prepare, FILE, ...chosen, '--state', state, '--signed-info', info);
    const hash = algorithm.slice(-6);
    expect(JSON.parse(prepared.out)[`digest_${hash}`]).toBe(
      createHash(hash).update(readFileSync(info)).digest('hex'),
    );
    const { privateKey, certificateDer } = testSigner('p384');
    const value = sign(hash, readFileSync(info), { key: privateKey, dsaEncoding: encoding });
    const card = write('p384.der', certificateDer);
    const given = ['--state', state, '--certificate', card, '--signature-value'];
    expect(await run(assemble, ...given, value.toString('base64'), '--out', out)).toMatchObject({
      status: 0,
      err: '',
    });
    const rules = ['--profile', profile, '--trust', root, '--policy', 'general', '--no-revocation'];
    expect((await run(verify, out, ...rules)).status).toBe(0);
    const other = write('rsa.value', Buffer.alloc(256, 1));
    const refused = await run(
      assemble,
      '--state',
      state,
      '--certificate',
      certificate,
      '--signature-value',
      other,
    );
    expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('certificate.key-policy')]);
  });

  it('an unknown algorithm is wrong use', async () => {
    expect((await run(prepare, FILE, '--algorithm', 'rsa-sha1')).status).toBe('usage');
  });
});

describe('jitsuin assemble', () => {
  it('refuses a value of another key, and writes nothing', async () => {
    await signed('enveloped');
    const value = write(
      'other.value',
      RSA_SHA256_SIGNING(readFileSync(path('enveloped.signed-info')), testSigner('other-rsa').privateKey),
    );
    const out = path('refused.xml');
    const args = [
      '--state',
      path('enveloped.json'),
      '--signature-value',
      value,
      '--certificate',
      certificate,
      '--out',
      out,
    ];
    const { status, err } = await run(assemble, ...args);
    expect(status).toBe(1);
    expect(err).toContain('xmldsig.signature');
    expect(() => readFileSync(out)).toThrow();
    expect(
      (await run(assemble, '--state', FILE, '--signature-value', value, '--certificate', certificate)).status,
    ).toBe('xmldsig.state');
    expect((await run(assemble)).status).toBe('usage');
  });
});

describe('jitsuin c14n', () => {
  it('writes the canonical form of a document or an element, or its digest', async () => {
    const whole = await run(c14n, FILE);
    expect(whole).toMatchObject({ status: 0, err: '' });
    expect(whole.out.startsWith('<ZZ申請情報>')).toBe(true);
    const element = await run(c14n, FILE, '--element', '申請書');
    expect(element.out).toBe(/<申請書.*<\/申請書>/s.exec(APPLICATION)?.[0]);
    expect((await run(c14n, FILE, '--id', 'application')).out).toBe(element.out);
    const digest = JSON.parse((await run(c14n, FILE, '--element', '申請書', '--json')).out);
    expect((await run(c14n, FILE, '--element', '申請書', '--digest')).out.trim()).toBe(digest.digest_value);
    const prepared = JSON.parse((await run(prepare, FILE, '--profile', 'guideline', '--json')).out);
    expect(digest.sha256).toBe(prepared.signed_octets_sha256);
  });

  it('says what it cannot do', async () => {
    expect((await run(c14n, FILE, '--algorithm', 'c14n')).status).toBe('usage');
    expect((await run(c14n, FILE, '--element', 'none')).status).toBe('xmldsig.signed-element');
    expect((await run(c14n, write('bad.xml', '<a>'))).status).toBe('xml.not-well-formed');
  });
});
