import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rpKeygen } from '../../../src/cli/rp.ts';
import { pfTenants } from '../../../src/roles/pf/console/console-ports.ts';
import { openTenantsFile } from '../../../src/roles/pf/tenants-file.ts';
import { type ConsoleKit, consoleKit, type Visitor } from '../../support/console-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-tenant-form-'));
let kit: ConsoleKit;
let administrator: Visitor;
let printed = '';
beforeAll(async () => {
  const io = {
    stdout: (text: string) => {
      printed += text;
    },
    ...{ stderr: () => undefined, isTty: false, env: {}, signal: new AbortController().signal },
  };
  const args = ['--environment', 'test', '--out', join(folder, 'client-key.json')];
  expect(await rpKeygen.run(args, io)).toBe(0);
  const file = join(folder, 'tenants.json');
  const jwks = { keys: [JSON.parse(printed) as object] };
  const one = { id: 'tenant-a', name: '模擬', client_id: 'c', services: ['s'], jwks };
  writeFileSync(file, JSON.stringify([one]), { mode: 0o600 });
  kit = await consoleKit({
    tenants: pfTenants(openTenantsFile(file)),
    changes: { 'tenant.put': async () => undefined },
  });
  administrator = await kit.visitor('administrator');
});
afterAll(async () => {
  await kit?.close();
  rmSync(folder, { recursive: true, force: true });
});

const GOOD = { id: 'tenant-b', name: '模擬市', client_id: 'c2', services: 'a b', basic: '1' };
const put = (fields: Readonly<Record<string, string>>) =>
  kit.post('/console/tenants/changes', administrator, fields);

describe('the form of a tenant', () => {
  it('takes the one JWK that `jitsuin rp keygen` printed, and a set of it', async () => {
    for (const jwks of [printed, JSON.stringify({ keys: [JSON.parse(printed)] })]) {
      const answer = await put({ ...GOOD, jwks });
      expect(answer.headers.get('location')).toBe('/console/approvals');
    }
    const [asked] = await kit.ports.approvals.list({ limit: 1 });
    expect(JSON.parse(asked?.payload ?? '')).toMatchObject({ jwks: { keys: [JSON.parse(printed)] } });
  });

  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['no JSON', { jwks: '{' }, 'jwks'],
    ['a key without kid', { jwks: '{"kty":"EC"}' }, 'jwks'],
    ['a private key', { jwks: '{"kty":"EC","kid":"k","d":"MARK"}' }, 'jwks'],
    ['an id with a blank', { id: 'a b' }, 'id'],
    ['no name', { name: ' ' }, 'name'],
    ['a client_id with a blank', { client_id: 'a b' }, 'client_id'],
    ['a service with a slash', { services: 'a/b' }, 'services'],
    ['items that do not go together', { notices: '1' }, 'contract'],
  ];
  it.each(wrong)('with %s is kept, and names the field', async (_what, change, at) => {
    const before = (await kit.ports.approvals.list({ limit: 100 })).length;
    const fields = { ...GOOD, jwks: printed, ...change };
    const answer = await put(fields);
    const page = await answer.text();
    expect([answer.status, /data-at="(\w+)"/.exec(page)?.[1]]).toEqual([400, at]);
    const shown = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    for (const name of ['id', 'client_id', 'services'] as const)
      expect(page).toContain(`value="${fields[name]}"`);
    expect(page).toContain(`>${shown(fields.jwks)}</textarea>`);
    expect(page).toMatch(/name="basic" value="1" checked/);
    if (at !== 'contract') expect(page).toMatch(/aria-invalid="true" aria-describedby="wrong-field"/);
    expect((await kit.ports.approvals.list({ limit: 100 })).length).toBe(before);
  });
});

describe('a new decryption key', () => {
  it('shows exactly the JWK to register, and the next step', async () => {
    const page = await (await kit.get('/console/keys', administrator)).text();
    expect(page).toContain('data-register="kid-1"');
    expect(page).toContain('<code>{&quot;kid&quot;:&quot;kid-1&quot;}</code>');
    expect(page).toContain('登録してください');
  });
});
