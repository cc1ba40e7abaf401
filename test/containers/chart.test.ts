import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createWorld } from '../../src/cli/world/create-world.ts';
import { PF_CLIENT_ID, PF_TENANT, SERVICE, type World } from '../../src/cli/world/world-options.ts';
import { blocksOf } from '../docs/support/blocks.ts';
import { freePorts } from '../support/ports.ts';
import { commandsOnCluster, type KubernetesObject, type PodSpec, toolsAvailable } from './support/chart.ts';
import { findEngine, root } from './support/engine.ts';
import { Pod } from './support/pod.ts';
import { Release } from './support/release.ts';
import { Ingress, makeCertificate } from './support/service.ts';
import { until } from './support/stack.ts';
import { Table } from './support/table.ts';

const engine = findEngine();
const available = toolsAvailable() && engine !== undefined;
const NETWORK = 'jitsuin-chart';
const ROLES = ['pf', 'sp', 'gov'] as const;
type Role = (typeof ROLES)[number];
const OLD = '0.0.9';
const NEW = '0.2.0';
const GUIDE = 'samples/helm/README.md';
const CALLERS = 2;
const DECIDED = 'decided TOTAL-PASSED';
const MINUTES = 60_000;

describe.skipIf(!available)('the chart’s pods', { timeout: 15 * MINUTES }, () => {
  if (engine === undefined) return;
  const table = new Table('chart');
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-chart-'));
  const ingress = {} as Record<Role | 'simulator', Ingress>;
  const releases = {} as Record<Role, Release>;
  let world: World;
  let simulator: ChildProcess;
  let receipt = '';

  const server = (name: string) => `${NETWORK}-${name}`;
  const guide = (mark: string) =>
    blocksOf(GUIDE)
      .filter((block) => block.mark === `containers=${mark}`)
      .map(({ text }) => text)
      .join('');
  /** The guide's commands, which are an sp's, for a release of any role. */
  const commands = (mark: string, role: Role, tools = ''): readonly KubernetesObject[] => {
    const env = readFileSync(world.envFiles[role], 'utf8');
    const connection = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(env)?.[1] ?? '';
    const script = guide(mark).replaceAll(/(?<![a-z])sp(?![a-z])/g, role);
    return commandsOnCluster(`${tools}\n${script}`, join(folder, role), {
      DATABASE_URL: connection('DATABASE_URL'),
      REDIS_URL: connection('REDIS_URL'),
    });
  };
  /** pg_dump, psql and pg_restore of the database's own container, in the folder of who types them. */
  const onServer = () => {
    const own = `docker exec -i ${server('postgres')}`;
    const script = resolve(root, process.env['JITSUIN_TEST_ENGINE'] ?? '');
    const prefix = process.env['JITSUIN_TEST_ENGINE'] === undefined ? own : `${script} run ${own}`;
    return `
ADMIN_URL=postgres://postgres@/jitsuin?host=/var/run/postgresql
pg_dump() { ${prefix} pg_dump "\${@/--file=*/--file=/tmp/sp.dump}"; }
psql() { ${prefix} psql "$@"; }
pg_restore() { ${prefix} pg_restore "\${@/#sp.dump//tmp/sp.dump}"; }
`;
  };
  const authority = (): KubernetesObject => ({
    kind: 'ConfigMap',
    metadata: { name: 'jitsuin-ca' },
    data: { 'ca.pem': readFileSync(join(folder, 'ca.pem'), 'utf8') },
  });
  const load = (role: 'sp' | 'gov', callers: number) => {
    const url = `https://${gateway}:${ingress[role].port}`;
    const key = role === 'sp' ? world.spApiKey : world.govApiKey;
    const script = join(root, 'test/containers/support/load.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, url, key, String(callers)], {
      cwd: root,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
    });
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    return async () => {
      child.stdin.end();
      await ended;
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id?: string; end?: string; error?: string });
    };
  };
  const one = async (role: 'sp' | 'gov') => (await load(role, 1)())[0];
  const receiptKeys = () =>
    Promise.all(
      releases.pf.servers.map(async (pod) => {
        const answer = await fetch(`http://${pod.address}:${pod.port('http')}/.well-known/jwks.json`);
        return (await answer.json()) as JSONWebKeySet;
      }),
    );
  let gateway = '';

  beforeAll(async () => {
    await clean();
    await engine.docker('network', 'create', NETWORK);
    gateway = (
      await engine.docker('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', NETWORK)
    ).trim();
    chmodSync(folder, 0o755);
    makeCertificate(folder, gateway);
    for (const name of [...ROLES, 'simulator'] as const) ingress[name] = await Ingress.open(folder);
    const [port = 0] = await freePorts(1);
    const url = (name: Role | 'simulator') => `https://${gateway}:${ingress[name].port}`;
    world = await createWorld({
      dir: join(folder, 'world'),
      seed: 'chart',
      host: '127.0.0.1',
      simulatorUrl: url('simulator'),
      spUrl: url('sp'),
      govUrl: url('gov'),
      pfUrl: url('pf'),
      ports: { simulator: port },
      layout: 'apart',
      databaseUrl: `postgres://${server('postgres')}:5432/jitsuin`,
      redisUrl: `redis://${server('redis')}:6379`,
    });
    ingress.simulator.backends = [{ address: '127.0.0.1', port }];
    const program = join(root, 'dist/src/cli/main.js');
    const args = ['serve', '--role', 'simulator', '--env-file', world.envFiles.simulator];
    simulator = spawn(process.execPath, [program, ...args], { env: {}, stdio: 'ignore' });
    for (const role of ROLES) writeRelease(role, url);
  }, 5 * MINUTES);

  afterAll(async () => {
    table.print();
    simulator?.kill('SIGTERM');
    for (const each of Object.values(ingress)) each.close();
    if (process.env['JITSUIN_KEEP_CONTAINERS'] !== '1') await clean();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What an operator has beside the guide: a folder with keys, and values that begin as the shipped ones do. */
  function writeRelease(role: Role, url: (name: Role | 'simulator') => string): void {
    const own = join(folder, role);
    mkdirSync(join(own, 'keys'), { recursive: true });
    symlinkSync(join(root, 'samples'), join(own, 'samples'));
    for (const name of readdirSync(join(world.dir, role)).filter((file) => !file.endsWith('.env')))
      copyFileSync(join(world.dir, role, name), join(own, 'keys', name));
    const values = parse(readFileSync(resolve(root, `samples/helm/${role}.yaml`), 'utf8')) as {
      config: Record<string, string>;
    };
    const simulated = `${url('simulator')}/simulator`;
    const relying = { JITSUIN_ENVIRONMENT: 'test', JITSUIN_ISSUER: `${url('simulator')}/api/realms/main` };
    const verifying = {
      JITSUIN_OCSP_URL: `${simulated}/jpki/ocsp`,
      JITSUIN_CRL_URL: `${simulated}/jpki/crl`,
      JITSUIN_TSA_URL: `${simulated}/tsa`,
      JITSUIN_TSA_CRL_URL: `${simulated}/tsa/crl`,
      JITSUIN_TSA_TRUST_FILE: '/keys/tsa-trust-anchors.pem',
    };
    const config = {
      sp: {
        ...relying,
        JITSUIN_CLIENT_ID: 'RP00000001',
        JITSUIN_PF_URL: url('pf'),
        JITSUIN_PF_CLIENT_ID: PF_CLIENT_ID,
        JITSUIN_PF_TENANT: PF_TENANT,
        JITSUIN_PF_RECEIPT_JWKS_FILE: '/keys/pf-receipt-jwks.json',
        JITSUIN_SERVICE: SERVICE,
      },
      gov: { ...relying, ...verifying, JITSUIN_CLIENT_ID: 'RP00000002' },
      pf: { JITSUIN_ENVIRONMENT: 'test', ...verifying },
    }[role];
    const replicas = role === 'gov' ? 1 : 2;
    const mine = {
      ...values,
      publicUrl: url(role),
      image: { repository: `jitsuin-chart-test-${role}`, tag: OLD },
      config: { ...values.config, ...config },
      server: { replicas },
      worker: { replicas },
      extraVolumes: [{ name: 'ca', configMap: { name: 'jitsuin-ca' } }],
      extraVolumeMounts: [{ name: 'ca', mountPath: '/company', readOnly: true }],
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/company/ca.pem' }],
    };
    writeFileSync(join(own, 'my-values.yaml'), stringify(mine));
  }

  async function clean(): Promise<void> {
    if (engine === undefined) return;
    const left = await engine.docker('ps', '--all', '--quiet', '--filter', `name=^${NETWORK}`);
    for (const id of left.split('\n').filter((line) => line !== ''))
      await engine.docker('rm', '--force', '--volumes', id);
    const volumes = await engine.docker('volume', 'ls', '--quiet', '--filter', `label=${NETWORK}`);
    for (const name of volumes.split('\n').filter((line) => line !== ''))
      await engine.docker('volume', 'rm', name);
    await engine.docker('network', 'rm', NETWORK).catch(() => undefined);
  }

  table.row('the images of two versions are built, from nothing or from the cache', async () => {
    for (const role of ROLES)
      for (const version of role === 'gov' ? [OLD] : [OLD, NEW])
        await engine.build(
          ...[role, `jitsuin-chart-test-${role}:${version}`, '--build-arg', `VERSION=${version}`, root],
        );
  });

  table.row('PostgreSQL and Redis with an account for each role', async () => {
    const init = `${join(world.dir, 'postgres')}:/docker-entrypoint-initdb.d:ro`;
    await engine.docker(
      ...['run', '--detach', '--name', server('postgres'), '--network', NETWORK, '--volume', init],
      ...['--env', 'POSTGRES_DB=jitsuin', '--env', 'POSTGRES_PASSWORD=taken-away', 'postgres:15'],
    );
    await engine.docker(
      ...['run', '--detach', '--name', server('redis'), '--network', NETWORK],
      ...['--volume', `${join(world.dir, 'redis')}:/accounts:ro`, 'redis:7', 'redis-server'],
      ...['--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--aclfile', '/accounts/users.acl'],
    );
    const asked = ['pg_isready', '-h', '127.0.0.1', '-U', 'postgres', '-d', 'jitsuin'];
    await until('PostgreSQL is ready', async () => {
      await engine.docker('exec', server('postgres'), ...asked);
      return true;
    });
  });

  it.each(ROLES)(
    '%s is installed by the guide’s commands: keys, migration, and every pod is ready',
    async (role) => {
      await table.time(`${role} installed: keys, migration, every pod starts and is ready`, async () => {
        const objects = [...commands('install', role), authority()];
        const cluster = { engine, network: NETWORK, folder, objects };
        releases[role] = new Release(cluster, role, ingress[role]);
        await releases[role].install();
        expect(releases[role].pods).toHaveLength(role === 'gov' ? 2 : 4);
        for (const pod of releases[role].pods)
          expect([await pod.ready(), await pod.live()]).toEqual([true, true]);
      });
    },
  );

  table.row('each pod runs as the chart says: user, rights, root, keys', async () => {
    const pods = ROLES.flatMap((role) => releases[role].pods);
    expect(pods).toHaveLength(10);
    for (const pod of pods) {
      expect((await pod.exec('id', '-u')).trim()).toBe('10001');
      expect(await pod.exec('cat', '/proc/1/status')).toMatch(
        /CapEff:\t0+\nCapBnd:\t0+\n[\s\S]*NoNewPrivs:\t1\n/,
      );
      await expect(pod.exec('touch', '/written')).rejects.toThrow('Read-only');
      const modes = (await pod.exec('sh', '-c', 'stat -c "%a %u" /keys/*')).trim().split('\n');
      expect(new Set(modes)).toEqual(new Set(['600 10001']));
      await expect(pod.exec('touch', '/keys/other')).rejects.toThrow('Read-only');
    }
  });

  table.row('one application through the ingress to its verdict: sp', async () => {
    const ended = await one('sp');
    expect(ended).toMatchObject({ end: DECIDED });
    const [pod] = releases.sp.servers;
    const answer = await fetch(
      `http://${pod?.address}:${pod?.port('http')}/v1/applications/${ended?.id}/receipt`,
      {
        headers: { authorization: `Bearer ${world.spApiKey}` },
      },
    );
    ({ receipt } = (await answer.json()) as { receipt: string });
  });

  table.row('one application through the ingress to its verdict: gov', async () => {
    expect(await one('gov')).toMatchObject({ end: DECIDED });
  });

  table.row(
    'two pf pods have one receipt key, and its receipt is verified with what either publishes',
    async () => {
      const [first, second] = await receiptKeys();
      expect(first?.keys.length).toBeGreaterThan(0);
      expect(second).toEqual(first);
      for (const jwks of [first, second])
        await expect(compactVerify(receipt, createLocalJWKSet(jwks as JSONWebKeySet))).resolves.toBeDefined();
    },
  );

  table.row(
    'the database is away: no pod is ready, every pod lives; it comes back, and so do they',
    async () => {
      const pods = ROLES.flatMap((role) => releases[role].pods);
      const all = async (probe: 'ready' | 'live', wanted: boolean) =>
        (await Promise.all(pods.map((pod) => pod[probe]()))).every((found) => found === wanted);
      await engine.docker('stop', server('postgres'));
      await until('no pod is ready', () => all('ready', false));
      expect(await all('live', true)).toBe(true);
      await engine.docker('start', server('postgres'));
      await until('every pod is ready', () => all('ready', true));
    },
  );

  table.row(
    'pf and sp are upgraded pod by pod under load: nothing is lost, every pod stops in time',
    async () => {
      const ends = load('sp', CALLERS);
      const stopped = [];
      for (const role of ['pf', 'sp'] as const) {
        const secrets = commands('install', role).filter(({ kind }) => kind === 'Secret');
        stopped.push(
          ...(await releases[role].upgrade([...secrets, authority(), ...commands('upgrade', role)])),
        );
      }
      const applications = await ends();
      table.note(
        `applications during the upgrade: ${applications.length}, with a verdict: ${applications.filter(({ end }) => end === DECIDED).length}`,
      );
      table.note(
        `slowest end of a pod: ${Math.max(...stopped.map(({ seconds }) => seconds)).toFixed(1)} s of 45`,
      );
      expect(applications.filter(({ end }) => end !== DECIDED)).toEqual([]);
      expect(applications.length).toBeGreaterThan(CALLERS);
      expect(stopped).toHaveLength(8);
      for (const { seconds, status } of stopped) {
        expect(status).toBe(0);
        expect(seconds).toBeLessThan(45);
      }
      for (const pod of [...releases.pf.pods, ...releases.sp.pods])
        expect(pod.spec.containers[0]?.image).toMatch(new RegExp(`:${NEW}$`));
    },
  );

  table.row('a receipt of before the upgrade is verified with the keys of the new pods', async () => {
    const published = await receiptKeys();
    expect(published).toHaveLength(2);
    for (const jwks of published)
      await expect(compactVerify(receipt, createLocalJWKSet(jwks))).resolves.toBeDefined();
  });

  table.row('backup and restore by the guide’s commands, with the task in a pod of the role', async () => {
    const known = async (id: string) => {
      const [pod] = releases.sp.servers;
      const headers = { authorization: `Bearer ${world.spApiKey}` };
      const url = `http://${pod?.address}:${pod?.port('http')}/v1/applications/${id}`;
      return (await fetch(url, { headers })).status;
    };
    const first = (await one('sp'))?.id ?? '';
    commands('backup', 'sp', onServer());
    const later = (await one('sp'))?.id ?? '';
    expect([await known(first), await known(later)]).toEqual([200, 200]);
    // the commands that reach the cluster are done here where they stand: pods end, the task runs, pods start
    await releases.sp.remove();
    const [task] = commands('restore', 'sp', onServer()).filter(({ kind }) => kind === 'Job');
    const secrets = commands('install', 'sp').filter(({ kind }) => kind === 'Secret');
    const objects = [...secrets, authority(), ...commands('upgrade', 'sp')];
    const cluster = { engine, network: NETWORK, folder, objects };
    const pod = await Pod.start(cluster, `${NETWORK}-task`, task?.spec?.template?.spec as PodSpec);
    expect(await pod.done()).toBe(0);
    await pod.remove();
    releases.sp = new Release(cluster, 'sp-restored', ingress.sp);
    await releases.sp.install();
    expect([await known(first), await known(later)]).toEqual([200, 404]);
  });
});
