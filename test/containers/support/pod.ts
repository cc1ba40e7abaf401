import { chmodSync, chownSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, KubernetesObject, PodSpec, Probe, Texts } from './chart.ts';
import type { Engine } from './engine.ts';

const SECOND = 1_000;
const FIRST_PROBE = 1_000;

/** Where pods run, and what lies there beside them. */
export interface Cluster {
  readonly engine: Engine;
  readonly network: string;
  readonly folder: string;
  /** Secrets and ConfigMaps of one release's namespace, those of the chart and those made by hand. */
  readonly objects: readonly KubernetesObject[];
}

export interface Ended {
  readonly seconds: number;
  readonly status: number;
}

/**
 * A pod as containers of an engine that share a network and the pod's volumes, with what its specification says of users, rights,
 * limits, environment and files. Nothing is left out that the chart says of one pod alone; placement and network policy are.
 */
export class Pod {
  readonly name: string;
  readonly address: string;
  readonly spec: PodSpec;
  readonly #cluster: Cluster;
  readonly #volumes: readonly string[];

  private constructor(
    cluster: Cluster,
    name: string,
    address: string,
    spec: PodSpec,
    volumes: readonly string[],
  ) {
    this.#cluster = cluster;
    this.name = name;
    this.address = address;
    this.spec = spec;
    this.#volumes = volumes;
  }

  /** Runs the init containers one after the other, starts the container, and waits for its startup probe. */
  static async start(cluster: Cluster, name: string, spec: PodSpec): Promise<Pod> {
    const { engine, network } = cluster;
    const [first] = spec.containers;
    if (first === undefined) throw new Error(`${name} has no container`);
    // holds network and volumes as long as the pod is there
    const mounts = await volumesOf(cluster, name, spec);
    const holder = ['--name', name, '--network', network, '--user', '65535', '--entrypoint', 'sleep'];
    const held = [...mounts.values()].flatMap((each, index) => [
      '--volume',
      volume(each, `/held/${index}`, true),
    ]);
    await engine.docker(
      ...['run', '--detach', '--no-healthcheck', ...holder, ...held, first.image, 'infinity'],
    );
    const address = await engine.docker(
      ...['inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name],
    );
    const pod = new Pod(cluster, name, address.trim(), spec, named(mounts));
    for (const each of spec.initContainers)
      await engine.docker('run', '--rm', ...pod.#options(each, mounts), ...commandOf(each));
    await engine.docker(
      ...['run', '--detach', '--name', pod.#main, ...pod.#options(first, mounts), ...commandOf(first)],
    );
    await pod.#started(first);
    return pod;
  }

  /** Whether its readiness probe succeeds now. */
  ready(): Promise<boolean> {
    return this.#probe(this.#first.readinessProbe);
  }

  live(): Promise<boolean> {
    return this.#probe(this.#first.livenessProbe);
  }

  port(name: string): number {
    const found = this.#first.ports?.find((port) => port.name === name);
    if (found === undefined) throw new Error(`${this.name} has no port ${name}`);
    return found.containerPort;
  }

  /** As a kubelet ends a pod: preStop, SIGTERM, and SIGKILL when its time is over. */
  async end(): Promise<Ended> {
    const { engine } = this.#cluster;
    const began = Date.now();
    const limit = this.spec.terminationGracePeriodSeconds;
    const { lifecycle } = this.#first;
    if (lifecycle !== undefined) await engine.docker('exec', this.#main, ...lifecycle.preStop.exec.command);
    const left = Math.max(1, limit - Math.ceil((Date.now() - began) / SECOND));
    await engine.docker('stop', '--time', String(left), this.#main);
    const seconds = (Date.now() - began) / SECOND;
    const status = Number(await engine.docker('inspect', '-f', '{{.State.ExitCode}}', this.#main));
    await this.remove();
    return { seconds, status };
  }

  /** The exit status of a process that ends by itself. */
  async done(): Promise<number> {
    return Number(await this.#cluster.engine.docker('wait', this.#main));
  }

  async remove(): Promise<void> {
    const { engine } = this.#cluster;
    await engine.docker('rm', '--force', '--volumes', this.#main, this.name);
    await engine.docker('volume', 'rm', ...this.#volumes);
  }

  logs(): Promise<string> {
    return this.#cluster.engine.docker('logs', this.#main);
  }

  exec(...command: readonly string[]): Promise<string> {
    return this.#cluster.engine.docker('exec', this.#main, ...command);
  }

  get #main(): string {
    return `${this.name}-main`;
  }

  get #first(): ContainerSpec {
    return this.spec.containers[0] as ContainerSpec;
  }

  #options(container: ContainerSpec, mounts: ReadonlyMap<string, string>): readonly string[] {
    const { runAsUser, runAsGroup, fsGroup } = this.spec.securityContext;
    const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
    const { cpu, memory } = container.resources.limits;
    return [
      ...['--no-healthcheck', '--network', `container:${this.name}`],
      ...['--user', `${runAsUser}:${runAsGroup}`, '--group-add', String(fsGroup)],
      ...(readOnlyRootFilesystem ? ['--read-only'] : []),
      ...(allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
      ...capabilities.drop.flatMap((name) => ['--cap-drop', name]),
      ...['--cpus', cpu, '--memory', memory.replace(/([MG])i$/, (_all, unit: string) => unit.toLowerCase())],
      ...Object.entries(environmentOf(container, this.#cluster.objects)).flatMap(([name, value]) => [
        '--env',
        `${name}=${value}`,
      ]),
      ...container.volumeMounts.flatMap(({ name, mountPath, readOnly }) => [
        '--volume',
        volume(mounts.get(name) ?? '', mountPath, readOnly === true),
      ]),
      ...(container.command === undefined ? [] : ['--entrypoint', container.command[0] as string]),
      container.image,
    ];
  }

  async #started({ startupProbe }: ContainerSpec): Promise<void> {
    if (startupProbe === undefined) return;
    for (let tries = startupProbe.failureThreshold ?? 3; tries > 0; tries -= 1) {
      await after(startupProbe.periodSeconds * SECOND);
      if (await this.#probe(startupProbe)) return;
    }
    throw new Error(`${this.name} does not start: ${(await this.logs()).slice(-2_000)}`);
  }

  async #probe(probe: Probe | undefined): Promise<boolean> {
    if (probe === undefined) return true;
    const url = `http://${this.address}:${this.port(probe.httpGet.port)}${probe.httpGet.path}`;
    const signal = AbortSignal.timeout((probe.timeoutSeconds ?? FIRST_PROBE / SECOND) * SECOND);
    return fetch(url, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** A folder of this machine is bound; a volume is not filled from the image, as Kubernetes fills none. */
function volume(source: string, target: string, readOnly: boolean): string {
  const mode = [...(source.startsWith('/') ? [] : ['nocopy']), ...(readOnly ? ['ro'] : [])].join(',');
  return mode === '' ? `${source}:${target}` : `${source}:${target}:${mode}`;
}

const named = (mounts: ReadonlyMap<string, string>) =>
  [...mounts.values()].filter((source) => !source.startsWith('/'));

const after = (millis: number) => new Promise((done) => setTimeout(done, millis));

function commandOf({ command = [], args = [] }: ContainerSpec): readonly string[] {
  return [...command.slice(1), ...args];
}

function dataOf(objects: readonly KubernetesObject[], kind: string, name: string): Texts {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found?.data === undefined) throw new Error(`no ${kind} ${name}`);
  if (kind !== 'Secret') return found.data;
  const decoded = Object.entries(found.data).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString('utf8'),
  ]);
  return Object.fromEntries(decoded) as Texts;
}

function environmentOf(
  { envFrom = [], env = [] }: ContainerSpec,
  objects: readonly KubernetesObject[],
): Texts {
  const whole = envFrom.map(({ configMapRef, secretRef }) =>
    configMapRef === undefined
      ? dataOf(objects, 'Secret', secretRef?.name ?? '')
      : dataOf(objects, 'ConfigMap', configMapRef.name),
  );
  return Object.assign(
    {},
    ...whole,
    Object.fromEntries(env.map(({ name, value }) => [name, value])),
  ) as Texts;
}

/** Each volume of the pod: a folder of this machine, or one in memory that lives as long as the pod. */
async function volumesOf(cluster: Cluster, pod: string, spec: PodSpec): Promise<ReadonlyMap<string, string>> {
  const { fsGroup } = spec.securityContext;
  const mounts = new Map<string, string>();
  for (const { name, secret, configMap, emptyDir } of spec.volumes) {
    if (emptyDir !== undefined) {
      const volume = `${pod}-${name}`;
      const size = emptyDir.sizeLimit.replace(/Mi$/, 'm');
      const options = ['type=tmpfs', 'device=tmpfs', `o=size=${size},mode=2777,gid=${fsGroup}`];
      await cluster.engine.docker(
        ...[
          'volume',
          'create',
          ...options.flatMap((one) => ['--opt', one]),
          '--label',
          cluster.network,
          volume,
        ],
      );
      mounts.set(name, volume);
      continue;
    }
    const data =
      secret === undefined
        ? dataOf(cluster.objects, 'ConfigMap', configMap?.name ?? '')
        : dataOf(cluster.objects, 'Secret', secret.secretName);
    mounts.set(name, asKubeletWrites(cluster.folder, data, fsGroup));
  }
  return mounts;
}

/** Files of root's that the group may read, behind a link that a kubelet turns over when they change. */
function asKubeletWrites(folder: string, data: Texts, group: number): string {
  const top = mkdtempSync(join(folder, 'volume-'));
  chmodSync(top, 0o755);
  const version = join(top, '..2026');
  mkdirSync(version, { mode: 0o755 });
  symlinkSync('..2026', join(top, '..data'));
  for (const [name, content] of Object.entries(data)) {
    const file = join(version, name);
    writeFileSync(file, content, { mode: 0o440 });
    chownSync(file, 0, group);
    symlinkSync(`..data/${name}`, join(top, name));
  }
  return top;
}
