import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { notRunUnless } from '../../support/not-run.ts';

const root = resolve(import.meta.dirname, '../../..');
const chart = join(root, 'samples/helm/jitsuin');
const HELM = process.env['JITSUIN_HELM'] ?? join(root, '.ci/helm/helm/helm');
const KINDS = { ConfigMap, Deployment, Job, NetworkPolicy, PodDisruptionBudget, Service, ServiceAccount };

interface Pod {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: {
    readonly securityContext: object;
    readonly initContainers: readonly Container[];
    readonly containers: readonly Container[];
  };
}
interface Container {
  readonly args?: readonly string[];
  readonly securityContext: object;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
}
interface Rendered {
  readonly kind: keyof typeof KINDS;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: Pod;
    readonly selector?: { readonly matchLabels?: Record<string, string> };
  };
}

function helmAvailable(): boolean {
  if (existsSync(HELM)) return true;
  const how = `no ${HELM}; node scripts/get-helm.mjs`;
  notRunUnless('JITSUIN_REQUIRE_HELM', 'samples/helm under the real helm', how);
  return false;
}

function helm(...args: string[]) {
  return spawnSync(HELM, args, {
    encoding: 'utf8',
    env: { HOME: '/nonexistent', PATH: process.env['PATH'] },
  });
}

function render(...args: string[]): readonly Rendered[] {
  const { status, stdout, stderr } = helm('template', 'release', chart, ...args);
  expect(status, stderr).toBe(0);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((found) => found !== null);
}

describe('samples/helm as files', () => {
  it('its values are what its schema and the documentation know', () => {
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as {
      config: Record<string, string>;
    };
    const documented = readFileSync(join(root, 'samples/CONFIGURATION.md'), 'utf8');
    for (const name of Object.keys(values.config)) expect(documented, name).toContain(name);
  });
});

describe.skipIf(!helmAvailable())('samples/helm under the real helm', { timeout: 60_000 }, () => {
  it('passes its lint', () => {
    const { status, stdout } = helm('lint', '--strict', chart);
    expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  it.each([
    ['role=nobody', 'role must be one of'],
    ['publicUrl=http://plain.example', 'publicUrl'],
    ['server.replicas=0', 'replicas'],
    ['config.PASSWORD=x', 'PASSWORD'],
    ['unknown=1', 'unknown'],
  ])('refuses %s', (setting, text) => {
    const { status, stderr } = helm('template', 'release', chart, '--set', setting);
    expect([status, stderr]).toEqual([1, expect.stringContaining(text)]);
  });

  describe.each(['sp', 'gov', 'pf'])('for %s', (role) => {
    const objects = () => render('--set', `role=${role}`);
    const pods = () => objects().flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template]));

    it('every object is one that Kubernetes knows', () => {
      const all = objects();
      expect(all.map(({ kind }) => kind).sort()).toEqual([
        ...['ConfigMap', 'Deployment', 'Deployment', 'Job', 'NetworkPolicy'],
        ...['PodDisruptionBudget', 'PodDisruptionBudget', 'Service', 'ServiceAccount'],
      ]);
      for (const each of all) {
        const Kind = KINDS[each.kind];
        expect(() => new Kind(each as never).validate(), each.metadata.name).not.toThrow();
      }
      const [deployment] = all.filter(({ kind }) => kind === 'Deployment');
      expect(() =>
        new Deployment({ ...deployment, spec: { replicas: 'two' } } as never).validate(),
      ).toThrow();
    });

    it('runs our commands for its role, migration first', () => {
      const commands = pods().flatMap(({ spec }) => spec.containers.map(({ args = [] }) => args));
      expect(commands.map((args) => args.join(' ')).sort()).toEqual([
        ...[`migrate --role ${role}`, `serve --role ${role}`, `worker --role ${role}`],
      ]);
      for (const [name] of commands) expect(COMMANDS.map((command) => command.name)).toContain(name);
    });

    it('every pod runs as nobody, read-only, without capabilities', () => {
      for (const { spec } of pods()) {
        expect(spec.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const container of [...spec.initContainers, ...spec.containers]) {
          expect(container.securityContext).toEqual({
            ...{
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          });
        }
      }
    });

    it('selectors find their pods, probes and ports are those of the configuration', () => {
      const all = objects();
      const config = all.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
      for (const { kind, spec } of all.filter((each) => each.kind === 'Deployment')) {
        expect(spec?.template?.metadata.labels, kind).toMatchObject(
          spec?.selector?.matchLabels ?? { none: '' },
        );
        const [container] = spec?.template?.spec.containers ?? [];
        const ports = Object.fromEntries(
          container?.ports?.map((port) => [port.name, String(port.containerPort)]) ?? [],
        );
        expect(ports['management']).toBe(config['JITSUIN_MANAGEMENT_PORT']);
        if (container?.args?.[0] === 'serve') expect(ports['http']).toBe(config['JITSUIN_PORT']);
        expect(container?.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'management' });
      }
    });
  });

  it('an sp accepts the configuration that the chart gives it', () => {
    const config = render().find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    const connections = {
      DATABASE_URL: 'postgres://db.example/jitsuin',
      REDIS_URL: 'rediss://redis.example',
    };
    expect(readSpConfig({ ...config, ...connections })).toMatchObject({ publicUrl: 'https://sp.example' });
  });

  it('one replica has no disruption budget that would hold up a node', () => {
    const kinds = render('--set', 'server.replicas=1,worker.replicas=1').map(({ kind }) => kind);
    expect(kinds).not.toContain('PodDisruptionBudget');
  });
});
