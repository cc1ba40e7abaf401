import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pfKeyProtocol } from '../../../src/cli/pf/key-protocol.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { signedKeyProtocolSchema } from '../../../src/contracts/key-protocol.ts';
import type { ApprovalKind } from '../../../src/ports/approval-store.ts';
import type { StaffMember } from '../../../src/ports/staff-store.ts';
import { pfChanges } from '../../../src/roles/pf/console/console-ports.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';
import { approveChange, refuseChange, requestChange } from '../../../src/staff/approvals.ts';
import { type PfWorld, startPfWorld } from '../../support/pf-world.ts';

let world: PfWorld;
let folder: string;
let keysFile: string;

beforeAll(async () => {
  world = await startPfWorld();
  folder = mkdtempSync(join(tmpdir(), 'jitsuin-protocol-'));
  keysFile = join(folder, 'jwks.json');
  writeFileSync(keysFile, await (await fetch(`${world.url}/.well-known/jwks.json`)).text());
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);

async function run(args: readonly string[]) {
  const said: string[] = [];
  const { config } = world;
  const env = {
    JITSUIN_PUBLIC_URL: world.url,
    JITSUIN_DATA_DIR: config.dataDir,
    JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: config.keystorePassphraseFile,
    JITSUIN_PF_TENANTS_FILE: config.tenantsFile,
    JITSUIN_TRUST_FILE: config.trustFile,
    JITSUIN_OCSP_URL: config.ocspUrl,
    JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
    JITSUIN_LOG_LEVEL: 'error',
  };
  const io = { stdout: (text: string) => void said.push(text), stderr: () => undefined, isTty: false, env };
  const outcome = await pfKeyProtocol
    .run(args, { ...io, signal: new AbortController().signal })
    .catch((thrown) => {
      said.push(String(thrown.message));
      return thrown.code ?? thrown.name;
    });
  return { outcome, text: said.join('') };
}

/** A change that two administrators carry out on the real store and keystore; `end` says how it goes. */
async function change(kind: ApprovalKind, subject: string, end: 'done' | 'pending' | 'declined' = 'done') {
  const opened = await openPf(world.config, 'pf', world.url, { clock: world.clock, log: world.log });
  const { operator, store, keystore, sealer, tenantsFile } = opened;
  const people: readonly StaffMember[] = ['模擬 管理者 一', '模擬 管理者 二'].map((name, index) => ({
    id: `019ac7d8-0000-7000-8000-00000000000${index + 1}`,
    name,
    role: 'administrator',
    state: 'active',
    handle: Buffer.from(name),
    createdAt: world.clock.now(),
    updatedAt: world.clock.now(),
  }));
  const [one, two] = people as readonly [StaffMember, StaffMember];
  const operators = { ...store.operators, get: async (id: string) => people.find((each) => each.id === id) };
  const ports = { approvals: store.approvals, operators, clock: operator.clock, random: operator.random };
  const seal = { activeKey: sealer.activeKey, keys: sealer.keys, rotate: async () => undefined };
  const changes = pfChanges(operator, keystore, seal, tenantsFile);
  try {
    const approval = await requestChange(ports, one, { kind, subject, payload: '{}' });
    if (end === 'done') await approveChange(ports, two, approval, changes);
    if (end === 'declined') await refuseChange(ports, two, approval);
    return approval.id;
  } finally {
    await opened.close();
  }
}

describe('the protocol of a key change', () => {
  it('says who asked, who allowed, which key and where the audit log has it; anyone with the public keys judges it', async () => {
    const id = await change('key.generate', 'alpha-portal');
    expect((await run([])).text).toContain(`${id}  key.generate  alpha-portal`);
    const made = await run([id, '--out', file('p.json'), '--html', file('p.html')]);
    expect(made).toEqual({ outcome: 0, text: '' });
    expect(statSync(file('p.json')).mode & 0o077).toBe(0);
    const checked = await run(['--check', file('p.json'), '--operator-keys', keysFile, '--json']);
    expect(checked.outcome).toBe(0);
    const protocol = JSON.parse(checked.text);
    expect(protocol).toMatchObject({
      operator: world.url,
      change: {
        id,
        kind: 'key.generate',
        requested_by: { id: '019ac7d8-0000-7000-8000-000000000001' },
        approved_by: { id: '019ac7d8-0000-7000-8000-000000000002' },
      },
      key: { service: 'alpha-portal', environment: 'test', held_in: 'keystore-file', state_now: 'generated' },
    });
    const audited = protocol.audit.map(({ event }: { event: string }) => event);
    expect(audited).toEqual(['approval.requested', 'approval.approved', 'approval.done']);
    const generated = (await world.keystore.list()).find(({ kid }) => kid === protocol.key.kid);
    expect(protocol.key.public_jwk).toEqual(generated?.publicJwk);
    const page = readFileSync(file('p.html'), 'utf8');
    for (const shown of ['鍵管理記録', '復号鍵の生成', protocol.key.kid, protocol.audit_head])
      expect(page).toContain(shown);
    expect(page).not.toContain('<script');
    expect((await run(['--check', file('p.json'), '--operator-keys', keysFile])).text).toContain(
      'allowed by',
    );
  });

  it('of an activation, an end and a destruction names the key by its kid', async () => {
    const [, , key] = await world.keystore.list();
    const kid = key?.kid ?? '';
    for (const [kind, state] of [
      ['key.activate', 'active'],
      ['key.expire', 'expired'],
      ['key.destroy', 'destroyed'],
    ] as const) {
      const id = await change(kind, kid);
      await run([id, '--out', file('q.json')]);
      const { text } = await run(['--check', file('q.json'), '--operator-keys', keysFile, '--json']);
      expect(JSON.parse(text).key).toMatchObject({ kid, state_now: state });
    }
  });

  it.each([
    ['nobody allowed', 'pending', 'approval.state'],
    ['somebody declined', 'declined', 'approval.state'],
  ] as const)('that %s has none', async (_why, end, code) => {
    const id = await change('key.generate', 'alpha-portal', end);
    expect((await run([id])).outcome).toBe(code);
  });

  it('is of keys only, and of changes that there were', async () => {
    const rotated = await change('seal-key.rotate', 'unknown-key').catch(() => undefined);
    expect(rotated).toBeUndefined();
    expect((await run(['019ac7d8-0000-7000-8000-0000000000ff'])).outcome).toBe('record.not-found');
    expect((await run(['a', 'b'])).outcome).toBe('UsageError');
    expect((await run(['--check', file('p.json')])).outcome).toBe('UsageError');
  });
});

it('the passphrase is taken from a file alone: no environment lists it, and no message repeats it', () => {
  const env = { JITSUIN_PF_KEYSTORE_PASSPHRASE: 'correct horse of the test' };
  const refusal = (() => {
    try {
      readPfConfig(env);
    } catch (thrown) {
      return String((thrown as Error).message);
    }
    return 'accepted';
  })();
  expect(refusal).toContain('JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE');
  expect(refusal).not.toContain('correct horse');
});

describe('a protocol that somebody changed', () => {
  const signed = () => signedKeyProtocolSchema.parse(JSON.parse(readFileSync(file('p.json'), 'utf8')));
  const other = (text: string) =>
    text.replace('模擬 管理者', '模擬 だれか').replace('0000-7000', '0000-7001');
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['another text', () => ({ ...signed(), protocol: other(signed().protocol) })],
    ['white space', () => ({ ...signed(), protocol: `${signed().protocol} ` })],
    ['another key', () => ({ ...signed(), kid: 'of-nobody' })],
    ['another signature', () => ({ ...signed(), signature: Buffer.alloc(64, 7).toString('base64') })],
    ['no signature', () => ({ protocol: signed().protocol, kid: signed().kid })],
    ['a member more', () => ({ ...signed(), also: 1 })],
  ];
  it.each(cases)('%s: refused', async (_name, make) => {
    writeFileSync(file('changed.json'), JSON.stringify(make()));
    const { outcome, text } = await run(['--check', file('changed.json'), '--operator-keys', keysFile]);
    expect(outcome).toBe('evidence.invalid');
    expect(text).toContain('The key protocol is not acceptable');
  });
  it('what is no JSON is refused too', async () => {
    writeFileSync(file('changed.json'), '<html>');
    const { outcome } = await run(['--check', file('changed.json'), '--operator-keys', keysFile]);
    expect(outcome).toBe('evidence.invalid');
  });
});
