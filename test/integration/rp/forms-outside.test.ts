import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '../../../src/cli/applications/csv.ts';
import { applicationsSubmit } from '../../../src/cli/applications/submit.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { command as verify } from '../../../src/cli/verify.ts';
import { createGovClient, withFiles } from '../../../src/client/index.ts';
import { FILES, KOUSEI } from '../../support/egov-application.ts';
import { api, ended, type RpWorld, sign, startRpWorld } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-forms-outside-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const beside = FILES.map(([name, content]) => ({ name, content }));

async function run(command: Pick<typeof verify, 'run'>, args: readonly string[]) {
  const said: string[] = [];
  const stdout = (text: string) => void said.push(text);
  const io = { stdout, stderr: stdout, isTty: false, env: {}, signal: new AbortController().signal };
  const status = await command.run([...args], io).catch((thrown) => {
    said.push(String(thrown.message));
    return thrown.name;
  });
  return { status, said: said.join('') };
}

describe('forms with files from outside', { timeout: 60_000 }, () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
    for (const [name, content] of FILES) written(name, content);
    written('kousei.xml', KOUSEI);
  });
  afterAll(() => world.close());

  async function verified(id: string) {
    const document = written(`${id}.xml`, await (await api(world, `/v1/applications/${id}/document`)).text());
    const files = FILES.flatMap(([name]) => ['--file', `${name}=${join(folder, name)}`]);
    const trust = ['--trust', world.env('gov')['JITSUIN_TRUST_FILE'] ?? '', '--no-revocation', '--json'];
    const { status, said } = await run(verify, [document, '--form', 'egov-standard', ...files, ...trust]);
    return [status, JSON.parse(said).indication];
  }

  it('the client packs them: signed, assembled, and judged by the command', async () => {
    const gov = createGovClient({ baseUrl: world.url, bearer: world.apiKey });
    const { body, mediaType } = await withFiles(KOUSEI, beside);
    const { id, sign_url = '' } = await gov.createApplication({ body, form: 'egov-standard' }, { mediaType });
    await sign(new Browser(), sign_url);
    expect((await ended(world, id)).state).toBe('decided');
    expect(await verified(id)).toEqual([0, 'TOTAL-PASSED']);
  });

  it('a list names form and files of each row; what cannot be is told by row, and nothing is sent', async () => {
    const key = written('api-key', world.apiKey);
    const access = ['--url', world.url, '--key-file', key];
    const rows = ['external_id,file,form,files', 'a-1,kousei.xml,egov-standard,申請 1.xml|添付.pdf'];
    const good = written('list.csv', `${rows.join('\n')}\n`);
    const out = join(folder, 'table.csv');
    const done = await run(applicationsSubmit, [good, '--out', out, ...access]);
    expect(done.status, done.said).toBe(0);
    const [header = [], row = []] = parseCsv(readFileSync(out, 'utf8'));
    const told = Object.fromEntries(header.map((name, at) => [name, row[at] ?? '']));
    expect(told).toMatchObject({ external_id: 'a-1' });
    await sign(new Browser(), told['sign_url'] ?? '');
    expect((await ended(world, told['id'] ?? '')).state).toBe('decided');
    expect(await verified(told['id'] ?? '')).toEqual([0, 'TOTAL-PASSED']);
    const bad = written(
      'bad.csv',
      'external_id,file,form,files\nb-1,kousei.xml,egov-standard,none.pdf\nb-2,kousei.xml,,添付.pdf\n',
    );
    const refused = await run(applicationsSubmit, [bad, '--out', join(folder, 'bad-table.csv'), ...access]);
    expect(refused.status).toBe('UsageError');
    expect(refused.said).toContain('record 1: there is no file');
    expect(refused.said).toContain('record 2: files go with a form');
  });
});

describe('withFiles', () => {
  it('gives the same octets for the same files, others for others, and keeps names as they are', async () => {
    const first = await withFiles(KOUSEI, beside);
    expect(await withFiles(KOUSEI, beside)).toEqual(first);
    const renamed = await withFiles(KOUSEI, [{ name: 'a"b\r\n.pdf', content: 'x' }]);
    expect(renamed.mediaType).not.toBe(first.mediaType);
    const form = await new Response(renamed.body, {
      headers: { 'content-type': renamed.mediaType },
    }).formData();
    const [file] = form.getAll('files');
    expect(file instanceof File ? [file.name, await file.text()] : file).toEqual(['a"b\r\n.pdf', 'x']);
    expect(await (form.get('document') as File).text()).toBe(KOUSEI);
  });
});
