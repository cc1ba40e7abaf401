import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { GOV_PROGRAM } from '../../../src/cli/gov-program.ts';
import { PF_PROGRAM } from '../../../src/cli/pf-program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { CHAPTERS } from '../../../src/config/table.ts';
import { notRunUnless } from '../../support/not-run.ts';

const root = resolve(import.meta.dirname, '../../..');
const chart = join(root, 'samples/helm/jitsuin');
const HELM = process.env['JITSUIN_HELM'] ?? join(root, '.ci/helm/helm/helm');
const KINDS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
};

interface Pod {
  readonly metadata: {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly imagePullSecrets?: readonly object[];
    readonly nodeSelector?: object;
    readonly tolerations?: readonly object[];
    readonly affinity: object;
    readonly topologySpreadConstraints: readonly object[];
    readonly volumes: readonly { readonly name: string }[];
    readonly securityContext: object;
    readonly initContainers: readonly Container[];
    readonly containers: readonly Container[];
  };
}
interface Container {
  readonly image: string;
  readonly env?: readonly object[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly resources: {
    readonly requests: Record<string, string>;
    readonly limits: Record<string, string>;
  };
  readonly args?: readonly string[];
  readonly securityContext: object;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
}
interface Rendered {
  readonly kind: keyof typeof KINDS;
  readonly metadata: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: Pod;
    readonly replicas?: number;
    readonly egress?: readonly { readonly ports: readonly { readonly port: number }[] }[];
    readonly ports?: readonly { readonly name: string; readonly port: number }[];
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

type Role = 'sp' | 'gov' | 'pf';
const ROLES = ['sp', 'gov', 'pf'] as const;
const PROGRAMS = { sp: SP_PROGRAM, gov: GOV_PROGRAM, pf: PF_PROGRAM };
const READERS = { sp: readSpConfig, gov: readGovConfig, pf: readPfConfig };
const CONNECTIONS = { DATABASE_URL: 'postgres://db.example/jitsuin', REDIS_URL: 'rediss://redis.example' };

const valuesOf = (role: Role) => join(root, `samples/helm/${role}.yaml`);
const renderRole = (role: Role, ...args: string[]) => render('--values', valuesOf(role), ...args);
const podsOf = (objects: readonly Rendered[]) =>
  objects.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template]));
const containersOf = (objects: readonly Rendered[]) =>
  podsOf(objects).flatMap(({ spec }) => [...spec.initContainers, ...spec.containers]);
const configOf = (objects: readonly Rendered[]) =>
  objects.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
const only = (objects: readonly Rendered[], kind: Rendered['kind']) =>
  objects.filter((each) => each.kind === kind);

describe('samples/helm as files', () => {
  it('the chart itself names no variable of one role', () => {
    const { config } = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as { config: object };
    expect(config).toEqual({});
  });

  it.each(ROLES)('values of %s are what the documentation knows', (role) => {
    const { config } = parse(readFileSync(valuesOf(role), 'utf8')) as { config: Record<string, string> };
    const documented = readFileSync(join(root, 'samples/CONFIGURATION.md'), 'utf8');
    for (const name of Object.keys(config)) expect(documented, name).toContain(name);
  });
});

describe.skipIf(!helmAvailable())('samples/helm under the real helm', { timeout: 60_000 }, () => {
  it.each(ROLES)('passes its lint for %s', (role) => {
    const { status, stdout } = helm('lint', '--strict', chart, '--values', valuesOf(role));
    expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  it.each([
    ['sp', 'role=nobody', 'role must be one of'],
    ['sp', 'publicUrl=http://plain.example', 'publicUrl'],
    ['sp', 'server.replicas=0', 'replicas'],
    ['sp', 'config.PASSWORD=x', 'PASSWORD'],
    ['sp', 'unknown=1', 'unknown'],
    ['sp', 'server.unknown=1', 'unknown'],
    ['sp', 'config.JITSUIN_PF_URL=null', 'JITSUIN_PF_URL'],
    ['sp', 'config.JITSUIN_SEAL_KEY_FILE=/data/seal-key.json', 'JITSUIN_SEAL_KEY_FILE'],
    ['pf', 'config.JITSUIN_PF_RECEIPT_KEY_FILE=/data/receipt-key.json', 'JITSUIN_PF_RECEIPT_KEY_FILE'],
    ['pf', 'config.JITSUIN_PF_RECEIPT_KEY_FILE=null', 'JITSUIN_PF_RECEIPT_KEY_FILE'],
    ['pf', 'config.JITSUIN_PF_KEYSTORE_FILE=null', 'config'],
    ['pf', 'config.JITSUIN_MAKE_KEYS=1', 'config'],
    ['pf', 'config.JITSUIN_TLOG_DIR=/log', 'JITSUIN_TLOG_KEY_FILE'],
    ['pf', 'config.JITSUIN_PKCS11_MODULE=/hsm/lib.so', 'JITSUIN_PKCS11_LIST_FILE'],
    ['sp', 'user=0', 'user'],
    ['sp', 'console.port=8443', 'console'],
    ['gov', 'console.url=http://plain.example', 'console'],
    ['gov', 'worker.autoscaling.metric=', 'metric'],
    ['gov', 'extraVolumeMounts[0].name=x,extraVolumeMounts[0].mountPath=/keys', 'mountPath'],
  ] as const)('%s: refuses %s', (role, setting, text) => {
    const { status, stderr } = helm(
      'template',
      'release',
      chart,
      '--values',
      valuesOf(role),
      '--set',
      setting,
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining(text)]);
  });

  it.each(ROLES)('%s: no secret file whose default lies in the data folder may be named in a pod', (role) => {
    const secrets = CHAPTERS.flatMap(({ variables }) => Object.entries(variables)).filter(
      ([, { roles, secret }]) => secret === 'file' && roles.includes(role),
    );
    expect(secrets.length).toBeGreaterThan(3);
    for (const [name] of secrets) {
      const refused = helm(
        ...['template', 'release', chart, '--values', valuesOf(role)],
        ...['--set', `config.${name}=/data/x`],
      );
      expect([name, refused.status, refused.stderr]).toEqual([name, 1, expect.stringContaining(name)]);
    }
  });

  it('a pf whose keys lie in a token needs neither keystore nor receipt key, and is taken', () => {
    const ofFiles = parse(readFileSync(valuesOf('pf'), 'utf8')) as { config: Record<string, string> };
    const kept = Object.entries(ofFiles.config).filter(([name]) => !/RECEIPT_KEY|KEYSTORE/.test(name));
    const token = (keys: string) => ({
      ...ofFiles,
      config: {
        ...Object.fromEntries(kept),
        JITSUIN_PKCS11_MODULE: '/hsm/lib.so',
        JITSUIN_PKCS11_TOKEN: 'jitsuin',
        JITSUIN_PKCS11_PIN_FILE: '/keys/pin',
        JITSUIN_PKCS11_LIST_FILE: '/keys/list.json',
        JITSUIN_PKCS11_KEYS: keys,
      },
    });
    const rendered = (keys: string) =>
      spawnSync(HELM, ['template', 'release', chart, '--values', '-'], {
        input: JSON.stringify(token(keys)),
        encoding: 'utf8',
      });
    const [config] = parseAllDocuments(rendered('decryption receipts').stdout)
      .map((document) => document.toJS() as Rendered | null)
      .filter((found) => found?.kind === 'ConfigMap');
    expect(readPfConfig({ ...config?.data, ...CONNECTIONS })).toMatchObject({
      pkcs11ListFile: '/keys/list.json',
    });
    for (const keys of ['decryption', 'receipts']) expect(rendered(keys).status).toBe(1);
  });

  it('a platform that gives users itself is left to give them', () => {
    const [pod] = podsOf(renderRole('sp', '--set', 'user=null'));
    expect(pod?.spec.securityContext).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('the console of an sp has a port of its own too', () => {
    const all = renderRole('sp', '--set', 'console.port=8443,console.url=https://console.sp.example');
    expect(readSpConfig({ ...configOf(all), ...CONNECTIONS })).toMatchObject({ consolePort: 8443 });
    const offered = only(all, 'Service').flatMap(({ spec }) => spec?.ports?.map(({ name }) => name) ?? []);
    expect(offered).toEqual(['http', 'console']);
  });

  it('one command runs in a pod of the role beside a release, and is no part of it', () => {
    expect(only(renderRole('pf'), 'Job')).toEqual([]);
    const settings = ['--set', 'task={store,restored}', '--show-only', 'templates/task.yaml'];
    const [job, ...others] = renderRole('pf', ...settings);
    expect([job?.kind, others]).toEqual(['Job', []]);
    expect(() => new Job(job as never).validate()).not.toThrow();
    const { spec } = podsOf([job as Rendered])[0] as Pod;
    expect(spec.initContainers.map(({ args }) => args)).toEqual([undefined]);
    expect(spec.containers).toMatchObject([{ args: ['store', 'restored'], image: 'jitsuin-pf:0.1.0' }]);
    expect(spec.containers[0]).not.toHaveProperty('livenessProbe');
    expect(spec.volumes).toEqual(podsOf(renderRole('pf'))[0]?.spec.volumes);
  });

  describe.each(ROLES)('for %s', (role) => {
    it('every object is one that Kubernetes knows, and an ordinary one', () => {
      const all = renderRole(role, '--set', 'worker.autoscaling.enabled=true');
      expect(all.map(({ kind }) => kind).sort()).toEqual([
        ...['ConfigMap', 'Deployment', 'Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy'],
        ...['PodDisruptionBudget', 'PodDisruptionBudget', 'Service', 'ServiceAccount'],
      ]);
      for (const each of all) {
        const Kind = KINDS[each.kind];
        expect(() => new Kind(each as never).validate(), each.metadata.name).not.toThrow();
        // as hooks they would outlive an uninstall and keep what a rollback takes back
        expect(
          Object.keys(each.metadata.annotations ?? {}).filter((name) => name.startsWith('helm.sh/')),
        ).toEqual([]);
      }
      const [deployment] = only(all, 'Deployment');
      expect(() =>
        new Deployment({ ...deployment, spec: { replicas: 'two' } } as never).validate(),
      ).toThrow();
    });

    it('runs its own program: migration first, then its command', () => {
      const pods = podsOf(renderRole(role));
      const commands = pods.map(({ spec }) =>
        [spec.initContainers.at(-1), spec.containers[0]].map((each) => each?.args),
      );
      expect(commands).toEqual([
        [['migrate'], ['serve']],
        [['migrate'], ['worker']],
      ]);
      const names = PROGRAMS[role].commands.map(({ name }) => name);
      for (const args of commands.flat()) expect(names).toContain(args?.[0]);
      for (const { image } of containersOf(renderRole(role))) expect(image).toBe(`jitsuin-${role}:0.1.0`);
    });

    it('its program accepts the configuration that the chart gives it, and inherits nothing of another', () => {
      const config = configOf(renderRole(role));
      const written = parse(readFileSync(valuesOf(role), 'utf8')) as {
        config: Record<string, string>;
        publicUrl: string;
      };
      expect(READERS[role]({ ...config, ...CONNECTIONS })).toMatchObject({ publicUrl: written.publicUrl });
      const ofTheChart = Object.keys(config).filter((name) => !Object.hasOwn(written.config, name));
      expect(ofTheChart.filter((name) => !/_(HOST|PORT|URL|DIR)$/.test(name))).toEqual([]);
      expect(ofTheChart).not.toContain('JITSUIN_PF_URL');
    });

    it('every pod runs as nobody, read-only, without capabilities, within limits, apart from its like', () => {
      for (const { spec } of podsOf(renderRole(role))) {
        expect(spec.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(spec.affinity).toHaveProperty('podAntiAffinity');
        expect(spec.topologySpreadConstraints).toHaveLength(1);
        for (const { securityContext, resources } of [...spec.initContainers, ...spec.containers]) {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          for (const bound of [resources.requests, resources.limits])
            expect(Object.keys(bound).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
        }
      }
    });

    it('selectors find their pods, probes and ports are those of the configuration', () => {
      const all = renderRole(role);
      const config = configOf(all);
      for (const { kind, spec } of only(all, 'Deployment')) {
        expect(spec?.template?.metadata.labels, kind).toMatchObject(
          spec?.selector?.matchLabels ?? { none: '' },
        );
        const [container] = spec?.template?.spec.containers ?? [];
        const ports = Object.fromEntries(
          container?.ports?.map((port) => [port.name, String(port.containerPort)]) ?? [],
        );
        expect(ports['management']).toBe(config['JITSUIN_MANAGEMENT_PORT']);
        if (container?.args?.[0] === 'serve') {
          expect(ports['http']).toBe(config['JITSUIN_PORT']);
          expect(ports['console']).toBe(config['JITSUIN_CONSOLE_PORT']);
        }
        expect(container?.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'management' });
      }
      const offered = only(all, 'Service').flatMap(({ spec }) => spec?.ports?.map(({ name }) => name) ?? []);
      expect(offered).toEqual(role === 'sp' ? ['http'] : ['http', 'console']);
    });

    it('pods take what a cluster needs of them', () => {
      const given = {
        image: { pullSecrets: [{ name: 'registry' }], repository: 'registry.example/own', tag: '1' },
        serviceAccount: { annotations: { 'iam.example/role': 'kms' }, automountToken: true },
        extraVolumes: [{ name: 'kms', configMap: { name: 'kms-module' } }],
        extraVolumeMounts: [{ name: 'kms', mountPath: '/modules', readOnly: true }],
        extraEnv: [{ name: 'AWS_REGION', value: 'ap-northeast-1' }],
        podAnnotations: { 'example.org/x': 'y' },
        podLabels: { team: 'z' },
        worker: {
          nodeSelector: { disk: 'fast' },
          tolerations: [{ key: 'own', operator: 'Exists' }],
          affinity: { nodeAffinity: {} },
          topologySpreadConstraints: [
            { maxSkew: 2, topologyKey: 'own', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
          ],
        },
      };
      const folder = mkdtempSync(join(tmpdir(), 'jitsuin-helm-'));
      const file = join(folder, 'own.json');
      writeFileSync(file, JSON.stringify(given));
      const all = renderRole(role, '--values', file);
      rmSync(folder, { recursive: true });
      const [account] = only(all, 'ServiceAccount');
      expect(account?.metadata.annotations).toEqual(given.serviceAccount.annotations);
      for (const { metadata, spec } of podsOf(all)) {
        expect(metadata.annotations).toMatchObject(given.podAnnotations);
        expect(metadata.labels).toMatchObject(given.podLabels);
        expect(spec.imagePullSecrets).toEqual(given.image.pullSecrets);
        expect(spec.volumes).toEqual(expect.arrayContaining(given.extraVolumes));
        for (const container of [...spec.containers, ...spec.initContainers.slice(1)]) {
          expect(container.image).toBe('registry.example/own:1');
          expect(container.env).toEqual(given.extraEnv);
          expect(container.volumeMounts).toEqual(expect.arrayContaining(given.extraVolumeMounts));
        }
      }
      expect(podsOf(all)[1]?.spec).toMatchObject(given.worker);
      for (const each of all) expect(() => new KINDS[each.kind](each as never).validate()).not.toThrow();
    });
  });

  it('a changed configuration, address or revision of the Secrets rolls the pods out; nothing else does', () => {
    const annotations = (...settings: string[]) =>
      JSON.stringify(
        podsOf(renderRole('sp', ...settings.flatMap((one) => ['--set', one]))).map(
          ({ metadata }) => metadata.annotations,
        ),
      );
    const before = annotations();
    expect(annotations()).toBe(before);
    for (const change of [
      'config.JITSUIN_SERVICE=other',
      'publicUrl=https://other.example',
      'secrets.revision=x',
    ])
      expect(annotations(change), change).not.toBe(before);
    expect(annotations('server.replicas=5')).toBe(before);
  });

  it('the port of every URL is reachable: lists on plain HTTP too', () => {
    const ports = (...args: string[]) =>
      only(renderRole('gov', ...args), 'NetworkPolicy')
        .flatMap(({ spec }) => spec?.egress?.[1]?.ports ?? [])
        .map(({ port }) => port);
    expect(ports()).toEqual([443, 5432, 6379]);
    const urls =
      'config.JITSUIN_CRL_URL=http://lists.example/crl,config.JITSUIN_OCSP_URL=https://ocsp.example:8443/';
    expect(ports('--set', urls)).toEqual([443, 5432, 6379, 80, 8443]);
  });

  it('workers scale by the age of the queue, and the deployment then says no number', () => {
    const settings = [
      'worker.autoscaling.enabled=true',
      'worker.autoscaling.selector.role=pf',
      'worker.replicas=7',
    ];
    const all = renderRole('pf', ...settings.flatMap((one) => ['--set', one]));
    const [, worker] = only(all, 'Deployment');
    expect(worker?.spec?.replicas).toBeUndefined();
    const alerts = readFileSync(join(root, 'samples/observability/alerts.yaml'), 'utf8');
    const [scaler] = only(all, 'HorizontalPodAutoscaler');
    const external = {
      metric: { name: 'jitsuin_queue_oldest_seconds', selector: { matchLabels: { role: 'pf' } } },
      target: { type: 'Value', value: '60' },
    };
    expect(scaler?.spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: worker?.metadata.name },
      metrics: [{ type: 'External', external }],
    });
    expect(alerts).toContain(external.metric.name);
  });

  it('one replica has no disruption budget that would hold up a node', () => {
    const kinds = renderRole('sp', '--set', 'server.replicas=1,worker.replicas=1').map(({ kind }) => kind);
    expect(kinds).not.toContain('PodDisruptionBudget');
  });
});

const KUBE_SCORE = process.env['JITSUIN_KUBE_SCORE'] ?? join(root, '.ci/kube-score/kube-score');

function kubeScoreAvailable(): boolean {
  if (existsSync(KUBE_SCORE)) return true;
  const how = `no ${KUBE_SCORE}; node scripts/get-kube-score.mjs`;
  notRunUnless('JITSUIN_REQUIRE_KUBE_SCORE', 'samples/helm under kube-score', how);
  return false;
}

interface Scored {
  readonly object_name: string;
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}
/** kube-score's own word for "nothing to say". */
const ALL_OK = 10;
/** A pod starts although the registry is away, from a tag that is never moved; where nodes are shared, `Always`. */
const EXCEPTION = ' container-image-pull-policy ';

/** What kube-score has to say of these objects: object, check, place and its words. */
function scored(manifests: string): readonly string[] {
  const { stdout, stderr } = spawnSync(KUBE_SCORE, ['score', '--output-format', 'json', '-'], {
    input: manifests,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as readonly Scored[]).flatMap(({ object_name: object, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < ALL_OK)
      .flatMap(({ check, comments }) =>
        (comments ?? []).map(({ path, summary }) => `${object} ${check.id} ${path}: ${summary}`),
      ),
  );
}

describe.skipIf(!existsSync(HELM) || !kubeScoreAvailable())(
  'samples/helm under kube-score',
  { timeout: 60_000 },
  () => {
    const manifests = (role: Role, ...args: string[]) =>
      helm('template', 'release', chart, '--values', valuesOf(role), ...args).stdout;

    it.each(ROLES)(
      '%s: nothing; of the values as they stand that images are not pulled each time',
      (role) => {
        const always = ['--set', 'image.pullPolicy=Always'];
        for (const settings of [always, [...always, '--set', 'worker.autoscaling.enabled=true']])
          expect(scored(manifests(role, ...settings))).toEqual([]);
        const said = scored(manifests(role));
        expect(said.filter((line) => !line.includes(EXCEPTION))).toEqual([]);
        expect(said).not.toEqual([]);
      },
    );

    it('is really judged: a root that is written to is named', () => {
      const worse = manifests('sp').replaceAll(
        'readOnlyRootFilesystem: true',
        'readOnlyRootFilesystem: false',
      );
      expect(scored(worse).join('\n')).toContain('container-security-context-readonlyrootfilesystem');
    });
  },
);
