import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { evidenceVerify } from '../../../src/cli/evidence/verify.ts';
import { evidenceExport } from '../../../src/cli/evidence.ts';
import { command as verify } from '../../../src/cli/verify.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { FILES, KOUSEI } from '../../support/egov-application.ts';
import { HOSTILE_ZIPS } from '../../support/hostile-zips.ts';
import { zipOf } from '../../support/zip.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submit } from './world.ts';

/** A form of an operator's own: no line of code knows it. */
const OWN = {
  ...{ form: 'own-order', version: 3, basis: 'official', root: '{urn:own}注文' },
  places: {
    body: { path: ['{urn:own}注文', '{urn:own}本体'], count: [1, 1], id: { name: 'key', value: '本体' } },
    names: { path: ['{urn:own}注文', '{urn:own}本体', '{urn:own}図面'], count: [1, 5] },
  },
  signature: { in: ['{urn:own}注文', '{urn:own}署名'], after: 'body', alone: true, prefix: '*' },
  signers: { min: 1, max: 2 },
  ...{ c14n: ['c14n10'], algorithm: ['rsa-sha256'] },
  references: [
    { element: 'body', uri: 'raw', transforms: [['c14n10']], digest: ['sha256'] },
    { files: 'names', uri: 'raw', transforms: [[]], digest: ['sha512'] },
  ],
  keyInfo: 'leaf',
  unsigned: { elements: ['{urn:own}控え'], instructions: [], files: false },
};
const ORDER =
  '<注文 xmlns="urn:own"><控え>社内用</控え><本体 key="本体"><図面>図.tif</図面></本体><署名/></注文>';

function multipart(document: string | undefined, files: readonly (readonly [string, string])[]): FormData {
  const form = new FormData();
  if (document !== undefined) form.append('document', new File([document], 'kousei.xml'));
  for (const [name, content] of files) form.append('files', new File([content], name));
  return form;
}

async function post(world: RpWorld, form: string, body: FormData | Uint8Array, type?: string) {
  return fetch(`${world.url}/v1/applications?form=${form}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.apiKey}`,
      'idempotency-key': crypto.randomUUID(),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    body,
  });
}

async function taken(response: Response): Promise<ApplicationView> {
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as ApplicationView;
}

async function problem(response: Response): Promise<readonly unknown[]> {
  const { status, code, at } = (await response.json()) as Record<string, unknown>;
  return [status, code, at];
}

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-forms-rp-'));
mkdirSync(join(folder, 'forms'));
writeFileSync(join(folder, 'forms', 'own.json'), JSON.stringify(OWN));
const env = { JITSUIN_FORMS_DIR: join(folder, 'forms'), JITSUIN_FILE_LIMIT: '2000' };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  command: { run: typeof verify.run },
  args: readonly string[],
  extra: Record<string, string> = {},
) {
  const said: string[] = [];
  const stdout = (text: string) => void said.push(text);
  const io = { stdout, stderr: stdout, isTty: false, env: extra, signal: new AbortController().signal };
  const status = await command.run([...args], io);
  return { status, said: said.join('') };
}

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** `jitsuin verify` of an assembled document with its files, by the world's own root. */
async function verified(
  world: RpWorld,
  form: string,
  document: string,
  files: readonly (readonly [string, string])[],
) {
  const role = world.env('gov');
  const given = files.flatMap(([name, content]) => ['--file', `${name}=${written(name, content)}`]);
  const trust = role['JITSUIN_TRUST_FILE'] ?? '';
  const args = [written('document.xml', document), '--form', form, ...given, '--trust', trust];
  return run(verify, [...args, '--no-revocation', '--json'], env);
}

describe('an agency takes applications in receivers’ forms', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', { env });
  });
  afterAll(() => world.close());
  const signedOf = async (id: string) => (await api(world, `/v1/applications/${id}/document`)).text();

  it('a document with files, then a second signer of the assembled document: nothing of the first changes', async () => {
    const first = await taken(await post(world, 'egov-standard', multipart(KOUSEI, FILES)));
    expect(first).toMatchObject({ profile: 'egov-standard', mode: 'digest-info', state: 'opened' });
    await sign(new Browser(), first.sign_url ?? '');
    expect((await ended(world, first.id)).verdict?.indication).toBe('TOTAL-PASSED');
    const one = await signedOf(first.id);
    const alone = await verified(world, 'egov-standard', one, FILES);
    expect(alone.status).toBe(0);
    expect(JSON.parse(alone.said)).toMatchObject({ covered: [{ kind: 'element' }, { name: '申請 1.xml' }] });

    const second = await taken(await post(world, 'egov-standard', multipart(one, FILES)));
    await sign(new Browser(), second.sign_url ?? '', { person: 'hanako' });
    expect((await ended(world, second.id)).verdict?.indication).toBe('TOTAL-PASSED');
    const both = await signedOf(second.id);
    const head = one.slice(0, one.indexOf('</署名情報>'));
    expect(both.startsWith(head)).toBe(true);
    expect(both.endsWith(one.slice(head.length))).toBe(true);
    expect(both.match(/<SignatureValue>/g)).toHaveLength(2);
    expect((await verified(world, 'egov-standard', both, FILES)).status).toBe(0);
    const report = await (await api(world, `/v1/applications/${second.id}/report`)).json();
    const paths = (report as { checks: { name: string }[] }).checks.filter(
      ({ name }) => name === 'revocation-status',
    );
    expect(paths).toHaveLength(2);
  });

  it('what was signed is rebuilt from evidence alone, files too', async () => {
    const application = await taken(await post(world, 'egov-standard', multipart(KOUSEI, FILES)));
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const out = join(folder, 'evidence.json');
    const role = world.env('gov');
    expect((await run(evidenceExport, [application.id, '--role', 'gov', '--out', out], role)).status).toBe(0);
    const record = JSON.parse(readFileSync(out, 'utf8'));
    const kept = record.record ?? record;
    expect(kept).toMatchObject({
      profile: 'egov-standard',
      form: {
        name: 'egov-standard',
        version: 1,
        basis: 'observed',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      files: [{ name: '申請 1.xml' }, { name: '添付.pdf', length: 13 }],
    });
    const part = (name: string) =>
      Buffer.from(
        kept.parts.find((one: { name: string }) => one.name === name)?.octets ?? '',
        'base64',
      ).toString();
    expect([part('file:0'), part('file:1')]).toEqual(FILES.map(([, content]) => content));
    expect(JSON.parse(part('form-file'))).toMatchObject({ form: 'egov-standard' });
    const args = [out, '--trust', role['JITSUIN_TRUST_FILE'] ?? '', '--believe-instant'];
    expect(await run(evidenceVerify, args)).toMatchObject({ status: 0 });
    const changed = kept.parts.findIndex((one: { name: string }) => one.name === 'file:0');
    kept.parts[changed].octets = Buffer.from('<申請/>').toString('base64');
    writeFileSync(out, JSON.stringify(record));
    expect((await run(evidenceVerify, args)).status).toBe(4);
  });

  it('a form from the operator’s own folder goes the whole way, and a ZIP and a file alone do', async () => {
    const files = [['図.tif', 'TIFF']] as const;
    const own = await taken(await post(world, 'own-order', multipart(ORDER, files)));
    const zip = zipOf([
      ['900A000000000001/kousei.xml', KOUSEI],
      ...FILES.map(([name, content]) => [`900A000000000001/${name}`, content] as const),
    ]);
    const octets = await post(world, 'egov-standard', zip, 'application/octet-stream');
    expect((await taken(octets)).profile).toBe('egov-standard');
    const zipped = await taken(await post(world, 'egov-standard', zip, 'application/zip'));
    const drawing = await taken(await post(world, 'moj-drawing', multipart(undefined, files)));
    for (const [application, form, beside] of [
      [own, 'own-order', files],
      [zipped, 'egov-standard', FILES],
    ] as const) {
      await sign(new Browser(), application.sign_url ?? '');
      expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
      expect(await verified(world, form, await signedOf(application.id), beside)).toMatchObject({
        status: 0,
      });
    }
    await sign(new Browser(), drawing.sign_url ?? '');
    expect((await ended(world, drawing.id)).verdict?.indication).toBe('TOTAL-PASSED');
    expect(await signedOf(drawing.id)).toContain('<Reference URI="%E5%9B%B3.tif">');
    const out = join(folder, 'own.json');
    const role = world.env('gov');
    expect((await run(evidenceExport, [own.id, '--role', 'gov', '--out', out], role)).status).toBe(0);
    const args = [out, '--trust', role['JITSUIN_TRUST_FILE'] ?? '', '--believe-instant'];
    expect((await run(evidenceVerify, args)).status).toBe(4);
    expect((await run(evidenceVerify, [...args, '--forms', join(folder, 'forms')])).status).toBe(0);
  });

  it.each([
    ['a form that is not there', 'no-such', multipart(KOUSEI, FILES), [400, 'xmldsig.profile', 'form']],
    [
      'a form that only its receiver signs in',
      'kobunsho',
      multipart('<DOC/>', []),
      [400, 'xmldsig.profile', 'form'],
    ],
    [
      'a signed file that was not sent',
      'egov-standard',
      multipart(KOUSEI, []),
      [422, 'xmldsig.file', 'files'],
    ],
    [
      'a name that leaves the folder',
      'egov-standard',
      multipart(KOUSEI, [...FILES, ['../x', '']]),
      [422, 'xmldsig.file', 'files'],
    ],
    [
      'names that differ in case only',
      'egov-standard',
      multipart(KOUSEI, [...FILES, ['添付.PDF', '']]),
      [422, 'xmldsig.file', 'files'],
    ],
    [
      'a file above its limit',
      'egov-standard',
      multipart(KOUSEI, [...FILES, ['big', 'x'.repeat(2001)]]),
      [413, 'http.body-size', 'files'],
    ],
  ])('refuses %s', async (_what, form, body, expected) => {
    expect(await problem(await post(world, form, body))).toEqual(expected);
  });

  it.each(Object.entries(HOSTILE_ZIPS))('refuses a ZIP with %s', async (_what, { octets }) => {
    const [status, code] = await problem(await post(world, 'egov-standard', octets, 'application/zip'));
    const name = code === 'xmldsig.file' ? 422 : code === 'http.body-size' ? 413 : 400;
    expect([status, code]).toEqual([
      name,
      expect.stringMatching(/^(?:http\.body|http\.body-size|xmldsig\.file)$/),
    ]);
  });

  it('refuses a document whose first signature is not right, and one with a profile', async () => {
    const application = await taken(await post(world, 'egov-standard', multipart(KOUSEI, FILES)));
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const changed = (await signedOf(application.id)).replace('模擬　太郎', '模擬　次郎');
    const [status, code] = await problem(await post(world, 'egov-standard', multipart(changed, FILES)));
    expect([status, code]).toEqual([422, 'xmldsig.signature']);
    const wrong = await submit(world, KOUSEI, { query: '?form=egov-standard&profile=enveloped' });
    expect(await problem(wrong)).toEqual([400, 'http.body', 'form']);
  });
});

describe('no role starts with a form by which a signature could cover nothing', () => {
  const UNSAFE = {
    'no Reference': [{ references: [] }, /references/],
    'a weak algorithm': [{ algorithm: ['rsa-sha1'] }, /algorithm holds "rsa-sha1"/],
    'everything may lie unsigned': [
      { unsigned: { elements: ['*'], instructions: [], files: false } },
      /unsigned\.elements holds \*/,
    ],
    'names from what is not signed': [
      { places: { ...OWN.places, names: { path: ['{urn:own}注文', '{urn:own}控え'], count: [1, 5] } } },
      /takes names from "names", which no Reference covers/,
    ],
  } as const;
  const startOf = {
    gov: (settings: Record<string, string>) => startGov(readGovConfig(settings)),
    sp: (settings: Record<string, string>) => startSp(readSpConfig(settings)),
    pf: (settings: Record<string, string>) => startPf(readPfConfig(settings)),
  };
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('sp');
  });
  afterAll(() => world.close());

  it.each(['sp', 'pf', 'gov'] as const)('%s: file, rule and remedy are told', async (role) => {
    for (const [name, [change, rule]] of Object.entries(UNSAFE)) {
      const forms = mkdtempSync(join(folder, 'unsafe-'));
      writeFileSync(join(forms, 'own.json'), JSON.stringify({ ...OWN, ...change }));
      const settings = { ...world.env(role), JITSUIN_PORT: '0', JITSUIN_FORMS_DIR: forms };
      const told = await startOf[role](settings).then(
        async (server) => {
          await server.close();
          return new Error(`${role} started: ${name}`);
        },
        (thrown: Error & { code?: string }) => thrown,
      );
      expect([name, told.message]).toEqual([name, expect.stringMatching(rule)]);
      expect(told).toMatchObject({ code: 'config.invalid' });
      expect(told.message).toMatch(/^own\.json: The form file cannot be used: .* or take the file out/s);
    }
  });
});

describe('an sp and its platform operator', () => {
  let world: RpWorld;
  let closePf: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    world = await startRpWorld('sp', { env });
    const config = readPfConfig({ ...world.env('pf'), JITSUIN_FORMS_DIR: join(folder, 'forms') });
    const log = createLog({ role: 'pf', destination: { write: () => undefined } });
    const server = await startPf(config, { log });
    const worker = await startPfWorker(config, { log });
    closePf = async () => {
      await worker.close();
      await server.close();
    };
  });
  afterAll(async () => {
    await closePf();
    await world.close();
  });

  it.each([
    ['egov-standard', KOUSEI, FILES],
    ['own-order', ORDER, [['図.tif', 'TIFF']]],
    ['moj-drawing', undefined, [['図.tif', 'TIFF']]],
  ] as const)(
    'a document in %s is verified by the operator, with its files',
    async (form, document, files) => {
      const application = await taken(await post(world, form, multipart(document, files)));
      await sign(new Browser(), application.sign_url ?? '');
      const done = await ended(world, application.id);
      expect(done).toMatchObject({ profile: form, verdict: { indication: 'TOTAL-PASSED' } });
      const receipt = await (await api(world, `/v1/applications/${application.id}/receipt`)).json();
      const { verification_id: id } = receipt as { verification_id: string };
      const out = join(folder, `${form}.json`);
      const role = { ...world.env('pf'), JITSUIN_FORMS_DIR: join(folder, 'forms') };
      expect((await run(evidenceExport, [id, '--role', 'pf', '--out', out], role)).status).toBe(0);
      const record = JSON.parse(readFileSync(out, 'utf8'));
      const { parts } = (record.record ?? record) as { parts: { name: string; octets: string }[] };
      const assembled = parts.find(({ name }) => name === 'finished-document')?.octets ?? '';
      const name = form === 'moj-drawing' ? '図.tif.sig.xml' : 'document.xml';
      const given = files.flatMap(([file, content]) => ['--file', `${file}=${written(file, content)}`]);
      const path = written(name, Buffer.from(assembled, 'base64'));
      const trust = ['--trust', world.env('pf')['JITSUIN_TRUST_FILE'] ?? ''];
      const args = [path, '--form', form, ...given, ...trust, '--no-revocation'];
      expect((await run(verify, args, env)).status).toBe(0);
      // what an sp may never be given: the same document, signed
      const again = multipart(Buffer.from(assembled, 'base64').toString(), files);
      if (document !== undefined)
        expect(await problem(await post(world, form, again))).toEqual([
          400,
          'xmldsig.already-signed',
          undefined,
        ]);
    },
  );

  it('連署: the next signer joins at the operator; the sp sees no certificate, and each signer is judged', async () => {
    const body = () => multipart(KOUSEI, FILES);
    const joining = (id: string) => `egov-standard&joins=${id}`;
    const first = await taken(await post(world, 'egov-standard', body()));
    const early = await post(world, joining(first.id), body());
    expect(await problem(early)).toEqual([409, 'transaction.state', 'joins']);
    await sign(new Browser(), first.sign_url ?? '');
    expect((await ended(world, first.id)).verdict?.indication).toBe('TOTAL-PASSED');

    const second = await taken(await post(world, joining(first.id), body()));
    await sign(new Browser(), second.sign_url ?? '', { person: 'hanako' });
    expect((await ended(world, second.id)).verdict?.indication).toBe('TOTAL-PASSED');
    const one = await assembledAt(first.id);
    const both = await assembledAt(second.id);
    const head = one.slice(0, one.indexOf('</署名情報>'));
    expect(both.startsWith(head)).toBe(true);
    expect(both.endsWith(one.slice(head.length))).toBe(true);
    expect(both.match(/<SignatureValue>/g)).toHaveLength(2);
    const record = readFileSync(join(folder, `${second.id}.json`), 'utf8');
    for (const check of ['signature-value', 'revocation-status'])
      for (const signer of ['Signer 1 of 2', 'Signer 2 of 2'])
        expect([check, new RegExp(`{[^{}]*"${signer}[^{}]*"name":\\s*"${check}"`).test(record)]).toEqual([
          check,
          true,
        ]);
    const given = FILES.flatMap(([file, content]) => ['--file', `${file}=${written(file, content)}`]);
    const trust = ['--trust', world.env('pf')['JITSUIN_TRUST_FILE'] ?? '', '--no-revocation', '--json'];
    const path = written('joined.xml', both);
    const judged = await run(
      verify,
      [path, '--form', 'egov-standard', '--signers', '2', ...given, ...trust],
      env,
    );
    expect([judged.status, JSON.parse(judged.said).signers.length]).toEqual([0, 2]);

    // the same person once more is no second signer
    const twice = await taken(await post(world, joining(first.id), body()));
    await sign(new Browser(), twice.sign_url ?? '');
    expect((await ended(world, twice.id)).verdict?.indication).not.toBe('TOTAL-PASSED');
    expect(await problem(await post(world, joining(twice.id), body()))).toEqual([
      409,
      'transaction.state',
      'joins',
    ]);

    // another document than the first signer's: the operator says so, and nobody has signed beside another
    const other = multipart(KOUSEI.replace('模擬　太郎', '模擬　次郎'), FILES);
    const stranger = await taken(await post(world, joining(first.id), other));
    await sign(new Browser(), stranger.sign_url ?? '', { person: 'hanako' });
    expect(await ended(world, stranger.id)).toMatchObject({ failure: { code: 'binding.transaction' } });
  });

  it('what cannot be joined is refused before anybody signs', async () => {
    const order = multipart(ORDER, [['図.tif', 'TIFF']]);
    const id = '019a0000-0000-7000-8000-000000000000';
    expect(await problem(await post(world, `own-order&joins=${id}`, order))).toEqual([
      404,
      'record.not-found',
      'joins',
    ]);
    const first = await taken(await post(world, 'egov-standard', multipart(KOUSEI, FILES)));
    expect(await problem(await post(world, `own-order&joins=${first.id}`, order))).toEqual([
      400,
      'xmldsig.profile',
      'joins',
    ]);
    const profile = await submit(world, KOUSEI, { query: `?joins=${first.id}` });
    expect(await problem(profile)).toEqual([400, 'xmldsig.profile', 'joins']);
  });

  /** The finished document, which the operator alone has. */
  async function assembledAt(id: string): Promise<string> {
    const receipt = (await (await api(world, `/v1/applications/${id}/receipt`)).json()) as {
      verification_id: string;
    };
    const out = join(folder, `${id}.json`);
    const role = { ...world.env('pf'), JITSUIN_FORMS_DIR: join(folder, 'forms') };
    expect(
      (await run(evidenceExport, [receipt.verification_id, '--role', 'pf', '--out', out], role)).status,
    ).toBe(0);
    const record = JSON.parse(readFileSync(out, 'utf8'));
    const { parts } = (record.record ?? record) as { parts: { name: string; octets: string }[] };
    const { octets = '' } = parts.find(({ name }) => name === 'finished-document') ?? {};
    return Buffer.from(octets, 'base64').toString();
  }
});
