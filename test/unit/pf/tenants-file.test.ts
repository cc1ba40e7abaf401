import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '../../../src/core/brand.ts';
import { openTenantsFile } from '../../../src/roles/pf/tenants-file.ts';
import { refusal } from '../../support/refusal.ts';

const key = { kty: 'EC' as const, crv: 'P-256', kid: 'k', x: 'AA', y: 'AA' };
const tenant = (id: string, services = ['s']) => ({
  ...{ id, name: '模擬', client_id: `client-${id}`, services, jwks: { keys: [key] } },
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jitsuin-tenants-'));
  file = join(folder, 'tenants.json');
  writeFileSync(file, JSON.stringify([tenant('a')]));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ids = (opened: ReturnType<typeof openTenantsFile>) => opened.records().map(({ id }) => id);

describe('the tenants file', () => {
  it('adds, changes and removes a tenant; another process sees it without a restart', () => {
    const [here, there] = [openTenantsFile(file), openTenantsFile(file)];
    here.put(tenant('b', ['t']));
    here.put(tenant('a', ['u']));
    expect(ids(there)).toEqual(['a', 'b']);
    expect([there.mayUse('a' as TenantId, 's'), there.mayUse('a' as TenantId, 'u')]).toEqual([false, true]);
    expect(there.assertions.map(({ clientId }) => clientId)).toEqual(['client-a', 'client-b']);
    there.remove('a');
    expect(ids(here)).toEqual(['b']);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('is the same list as long as nothing changed', () => {
    const opened = openTenantsFile(file);
    expect(opened.assertions).toBe(opened.assertions);
  });

  it('refuses what could not be read again, and keeps what was there', () => {
    const opened = openTenantsFile(file);
    const before = readFileSync(file, 'utf8');
    const secret = { ...tenant('b'), jwks: { keys: [{ ...key, d: 'secret' }] } };
    expect(refusal(() => opened.put(secret)).code).toBe('config.invalid');
    expect(refusal(() => opened.put({ ...tenant('b'), client_id: 'client-a' })).code).toBe('config.invalid');
    expect(refusal(() => opened.remove('a')).code).toBe('config.invalid');
    expect(refusal(() => opened.remove('z')).code).toBe('record.not-found');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('that is broken by hand changes nothing until it is right again', () => {
    const opened = openTenantsFile(file);
    writeFileSync(file, '[');
    expect(ids(opened)).toEqual(['a']);
    writeFileSync(file, JSON.stringify([tenant('c')]));
    expect(ids(opened)).toEqual(['c']);
  });
});
