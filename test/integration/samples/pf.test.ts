import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientKey, publicClientKey } from '../../../src/adapters/keys/client-key.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import { startTypeScript } from './sample-process.ts';

describe('samples/pf', { timeout: 90_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-sample-pf-'));
  const write = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 });
    return join(folder, name);
  };
  let world: PfWorld;
  let keyFile: string;
  beforeAll(async () => {
    const key = await generateClientKey('ES256');
    keyFile = write('key.json', { active: key.kid, keys: [key] });
    const tenant = { id: 'tenant-alpha', name: '模擬事業者', client_id: 'client-alpha' };
    const tenants = [{ ...tenant, services: ['alpha-portal'], jwks: { keys: [publicClientKey(key)] } }];
    world = await startPfWorld({ JITSUIN_PF_TENANTS_FILE: write('tenants.json', tenants) });
    Object.defineProperty(world.clock, 'millis', { get: () => Date.now() });
    await world.startWorker();
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = async (file: string) =>
    startTypeScript('samples/pf/verify.ts', [file], {
      JITSUIN_PF_URL: world.url,
      JITSUIN_PF_CLIENT_ID: 'client-alpha',
      JITSUIN_PF_CLIENT_KEY_FILE: keyFile,
    }).ended();

  it('reads the verdict, and a receipt that its keys prove; a second run finds the same', async () => {
    const submission = await submissionOf(world);
    const file = write('submission.json', submission);
    const first = await run(file);
    expect(first.output).toMatch(/^decided OK\n\{"iss":/);
    expect(first.output).toContain(`"submission_id":"${submission.submission_id}"`);
    expect(first.status).toBe(0);
    expect((await run(file)).output).toBe(first.output);
  });

  it('a signature that does not fit is decided too', async () => {
    const one = await submissionOf(world);
    const other = await submissionOf(world, { document: new TextEncoder().encode('<a>another</a>') });
    const { status, output } = await run(write('wrong.json', { ...one, skeleton: other.skeleton }));
    expect(output).not.toContain('decided OK');
    expect(status).toBe(1);
  });
});
