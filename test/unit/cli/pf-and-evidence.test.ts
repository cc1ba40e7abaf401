import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openPfKeystore } from '../../../src/adapters/keys/pf-keystore.ts';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { CommandIo } from '../../../src/cli/command.ts';
import { main } from '../../../src/cli/main.ts';
import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import {
  anchorsOf,
  anchorsPem,
  NOW,
  newRegistry,
  revocationAnswers,
  signXml,
} from '../../support/pf-signing.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'jitsuin-cli-'));

async function jitsuin(env: Record<string, string>, ...args: string[]) {
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
    env,
    signal: new AbortController().signal,
  };
  const status = await main(args, io);
  return { status, out, err };
}

describe('jitsuin pf keygen', () => {
  const dir = folder();
  const passphrase = join(dir, 'passphrase');
  writeFileSync(passphrase, 'a passphrase for tests\n', { mode: 0o600 });
  const env = { JITSUIN_DATA_DIR: dir, JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: passphrase };

  beforeAll(async () => {
    // A keystore of least cost, so that each command below derives its key quickly.
    const options = {
      file: join(dir, 'pf.keystore.json'),
      passphrase: 'a passphrase for tests',
      clock: systemClock,
    };
    await (await openPfKeystore({ ...options, scryptCost: 16_384 })).generate('seed', 'test');
  });

  it('prints exactly the public JWK; the first key is active, the second waits until it is activated', async () => {
    const first = await jitsuin(env, 'pf', 'keygen', '--service', 'portal', '--environment', 'test');
    expect(first.status).toBe(0);
    expect(Object.keys(JSON.parse(first.out))).toEqual(['kty', 'use', 'alg', 'crv', 'x', 'y', 'kid']);
    const second = JSON.parse(
      (await jitsuin(env, 'pf', 'keygen', '--service', 'portal', '--environment', 'test', '--json')).out,
    );
    const states = async () =>
      JSON.parse((await jitsuin(env, 'pf', 'keys', '--json')).out)
        .filter((key: { service: string }) => key.service === 'portal')
        .map((key: { state: string }) => key.state);
    expect(await states()).toEqual(['active', 'generated']);
    expect((await jitsuin(env, 'pf', 'keys', `--activate=${second.kid}`, '--overlap', '2')).out).toContain(
      'overlap until',
    );
    expect(await states()).toEqual(['overlap', 'active']);
    expect((await jitsuin(env, 'pf', 'keys', `--destroy=${second.kid}`)).err).toContain('key.state');
    const file = readFileSync(join(dir, 'pf.keystore.json'), 'utf8');
    expect(statSync(join(dir, 'pf.keystore.json')).mode & 0o077).toBe(0);
    expect(file).not.toContain('"d"');
  });

  it('--check refuses a JWK with a private member', async () => {
    const { out } = await jitsuin(env, 'pf', 'keygen', '--service', 'shop', '--environment', 'test');
    const good = join(dir, 'good.json');
    const bad = join(dir, 'bad.json');
    writeFileSync(good, out);
    writeFileSync(bad, JSON.stringify({ ...JSON.parse(out), d: 'AAAA' }));
    expect((await jitsuin(env, 'pf', 'keygen', '--check', good)).status).toBe(0);
    const refused = await jitsuin(env, 'pf', 'keygen', '--check', bad);
    expect([refused.status, refused.out]).toEqual([2, '']);
    expect(refused.err).toContain('(at d)');
    expect(refused.err).not.toContain('AAAA');
  });

  it.each([
    [['--environment', 'test']],
    [['--service', 'portal']],
    [['--service', 'portal', '--environment', 'staging']],
    [['--service', 'portal', '--environment', 'test', '--unknown']],
  ])('wrong use %j is 2', async (args) => {
    expect((await jitsuin(env, 'pf', 'keygen', ...args)).status).toBe(2);
  });

  it('production needs a passphrase file of its own', async () => {
    const bare = { JITSUIN_DATA_DIR: folder() };
    const args = ['pf', 'keygen', '--service', 'portal', '--environment', 'production'];
    expect((await jitsuin(bare, ...args)).status).toBe(2);
    expect((await jitsuin(env, ...args)).status).toBe(0);
  });
});

describe('jitsuin evidence', () => {
  const registry = newRegistry();
  const dir = folder();
  const env = { JITSUIN_DATA_DIR: dir };
  const trust = join(dir, 'trust.pem');
  writeFileSync(trust, anchorsPem(registry));

  async function keep(person: string): Promise<string> {
    const signed = signXml(registry, person, 'enveloped');
    const request = {
      subject: { kind: 'skeleton', ...signed },
      mode: 'digest-info',
      data: signed.prepared.data,
      trustAnchors: anchorsOf(registry),
      at: NOW,
      policy: jpkiSigningPolicy('test', 'CRL'),
    } as const;
    const started = startValidation(request);
    const data = started.kind === 'decided' ? [] : revocationAnswers(registry, started.needs);
    const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
    const id = `evidence-${person}`;
    const { octets } = makeEvidence({
      id,
      request,
      outcome,
      data,
      instantSource: 'test',
      validatorVersion: '0',
    });
    const sealer = openFileSealer(join(dir, 'pf.seal-key.json'));
    const store = await openStore({ dataDir: dir, role: 'pf', sealer, clock: systemClock });
    await store.evidence.put(id, 'tenant', octets);
    await store.close();
    return id;
  }

  it('exports record, document and report, notes it in the audit chain, and decides again', async () => {
    createSealKey(join(dir, 'pf.seal-key.json'));
    const [out, document, report] = ['evidence.json', 'signed.xml', 'report.json'].map((name) =>
      join(dir, name),
    );
    if (out === undefined || document === undefined || report === undefined) throw new Error('no names');
    const id = await keep('taro');
    const done = await jitsuin(
      env,
      'evidence',
      'export',
      id,
      '--out',
      out,
      '--document',
      document,
      '--report',
      report,
    );
    expect([done.status, done.err]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      result: 'OK',
      indication: 'TOTAL-PASSED',
    });
    expect(readFileSync(document, 'utf8')).toContain('SignatureValue');
    expect(statSync(out).mode & 0o077).toBe(0);
    const chain = JSON.parse((await jitsuin(env, 'audit', 'verify', '--role', 'pf', '--json')).out);
    expect(chain).toMatchObject({ records: 1 });
    const unproven = await jitsuin({}, 'evidence', 'verify', out, '--trust', trust);
    expect([unproven.status, unproven.out.split('\n')[0]]).toEqual([
      3,
      expect.stringContaining('INDETERMINATE (NO_POE)'),
    ]);
    const believing = await jitsuin({}, 'evidence', 'verify', out, '--trust', trust, '--believe-instant');
    expect([believing.status, believing.out.split('\n')[0]]).toEqual([
      0,
      expect.stringContaining('if its own instant is believed'),
    ]);
    const altered = join(dir, 'altered.json');
    writeFileSync(altered, readFileSync(out, 'utf8').replace('"result":"OK"', '"result":"INDETERMINATE"'));
    const refused = await jitsuin({}, 'evidence', 'verify', altered, '--trust', trust, '--json');
    expect(refused.status).toBe(4);
    const failed = JSON.parse(refused.out).integrity.checks.filter(
      (check: { result: string }) => check.result === 'failed',
    );
    expect(failed[0]).toMatchObject({ name: 'member-digest', detail: 'result', code: 'evidence.invalid' });
  });

  it('exit status 1 for a sound record of a certificate that was revoked, 2 without --trust or for an unknown id', async () => {
    const id = await keep('revoked');
    const out = join(dir, 'revoked.json');
    expect((await jitsuin(env, 'evidence', 'export', id, '--out', out)).status).toBe(0);
    const verified = await jitsuin({}, 'evidence', 'verify', out, '--trust', trust);
    expect([verified.status, verified.out.includes('CERTIFICATE_REVOKED')]).toEqual([1, true]);
    expect((await jitsuin({}, 'evidence', 'verify', out)).status).toBe(2);
    const unknown = await jitsuin(env, 'evidence', 'export', 'nobody');
    expect(unknown.err).toContain('record.not-found');
    expect(unknown.status).toBe(1);
    expect((await jitsuin(env, 'evidence', 'export', id, '--role', 'sp')).status).toBe(2);
  });
});
