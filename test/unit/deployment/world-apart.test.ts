import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const top = mkdtempSync(join(tmpdir(), 'jitsuin-apart-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

async function init(...args: readonly string[]) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const signal = new AbortController().signal;
  const status = await main(['init', ...args], { stdout: say, stderr: say, isTty: false, env: {}, signal });
  return { status, said: said.join('') };
}

const SERVERS = [
  '--database-url=postgres://db.example:5432/jitsuin',
  '--redis-url=redis://redis.example:6379',
];
const ROLES = ['sp', 'gov', 'pf'] as const;

describe('init --apart', () => {
  const dir = join(top, 'apart');
  const env = (role: string) => parseEnv(readFileSync(join(dir, role, `${role}.env`), 'utf8'));
  beforeAll(async () => {
    expect((await init('--apart', `--dir=${dir}`, ...SERVERS)).status).toBe(0);
  });

  it('leaves nothing beside the folders', () => {
    const wanted = ['callers', 'gov', 'pf', 'postgres', 'redis', 'simulator', 'sp'];
    expect(readdirSync(dir).sort()).toEqual(wanted);
  });

  it.each([...ROLES, 'simulator'])('%s needs no file outside its own folder', (role) => {
    const files = Object.values(env(role)).filter((value) => value?.startsWith(top));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(file).toMatch(new RegExp(`^${join(dir, role)}(/|$)`));
    for (const file of files) expect(() => statSync(file ?? '')).not.toThrow();
  });

  it('each role has an account of its own at both servers; the servers get no password', () => {
    const sql = readFileSync(join(dir, 'postgres/roles.sql'), 'utf8');
    const acl = readFileSync(join(dir, 'redis/users.acl'), 'utf8');
    const passwords = ROLES.map((role) => {
      const database = new URL(env(role)['DATABASE_URL'] ?? '');
      const redis = new URL(env(role)['REDIS_URL'] ?? '');
      expect([database.username, redis.username]).toEqual([`jitsuin_${role}`, `jitsuin_${role}`]);
      expect(redis.password).toBe(database.password);
      expect(`${sql}${acl}`).not.toContain(database.password);
      expect(acl).toContain(`#${createHash('sha256').update(database.password).digest('hex')} `);
      return database.password;
    });
    expect(new Set(passwords).size).toBe(3);
    expect(passwords.every((password) => password.length >= 32)).toBe(true);
    expect(sql).not.toMatch(/\bSUPERUSER|\bCREATEDB|\bCREATEROLE/);
    expect(acl).toMatch(/^user default on nopass resetkeys resetchannels -@all \+ping$/m);
  });

  it('keys and configuration are for their owner alone', () => {
    for (const role of [...ROLES, 'callers', 'simulator'])
      for (const name of readdirSync(join(dir, role))) {
        const open = name.endsWith('.pem');
        expect([name, statSync(join(dir, role, name)).mode & (open ? 0 : 0o077)]).toEqual([name, 0]);
      }
  });
});

describe('init --if-missing', () => {
  it.each([['together'], ['apart']])(
    '%s: the same again succeeds and changes nothing; another is named',
    async (layout) => {
      const dir = join(top, `again-${layout}`);
      const args = [`--dir=${dir}`, ...(layout === 'apart' ? ['--apart', ...SERVERS] : []), '--if-missing'];
      expect((await init(...args)).status).toBe(0);
      const key = () => readFileSync(join(dir, 'sp/client-key.json'), 'utf8');
      const made = key();
      const again = await init(...args);
      expect([again.status, again.said]).toEqual([0, expect.stringContaining('there already')]);
      expect(key()).toBe(made);
      const other = await init(...args, '--seed=another', '--sp-url=http://localhost:1');
      expect([other.status, other.said]).toEqual([
        2,
        expect.stringMatching(/--seed.*--sp-url|--sp-url.*--seed/),
      ]);
      expect((await init(...args.filter((arg) => arg !== '--if-missing'))).status).toBe(2);
      expect(key()).toBe(made);
    },
  );

  it('a world that was not finished is refused: nobody knows what of it is in use', async () => {
    const dir = join(top, 'unfinished');
    expect((await init(`--dir=${dir}`)).status).toBe(0);
    rmSync(join(dir, 'world.json'));
    expect((await init(`--dir=${dir}`, '--if-missing')).status).toBe(2);
  });
});
