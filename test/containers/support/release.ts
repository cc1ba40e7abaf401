import type { KubernetesObject, PodSpec } from './chart.ts';
import { type Cluster, type Ended, Pod } from './pod.ts';
import type { Ingress } from './service.ts';
import { until } from './stack.ts';

/** What a Service still sends to a pod that is being ended: endpoints change a moment later. */
const LATE = 2_000;

const ready = async (pods: readonly Pod[]) => {
  for (const pod of pods) await until(`${pod.name} is ready`, () => pod.ready());
};

/** One release of the chart: its Deployments' pods, and its Service behind an ingress. */
export class Release {
  readonly #ingress: Ingress;
  readonly #name: string;
  #cluster: Cluster;
  #servers: readonly Pod[] = [];
  #workers: readonly Pod[] = [];
  #made = 0;

  constructor(cluster: Cluster, name: string, ingress: Ingress) {
    this.#cluster = cluster;
    this.#name = name;
    this.#ingress = ingress;
  }

  get servers(): readonly Pod[] {
    return this.#servers;
  }

  get pods(): readonly Pod[] {
    return [...this.#servers, ...this.#workers];
  }

  async install(): Promise<void> {
    const [server, worker] = this.#deployments();
    const start = ({ replicas, pod }: typeof server) =>
      Promise.all(Array.from({ length: replicas }, () => this.#start(pod)));
    [this.#servers, this.#workers] = await Promise.all([start(server), start(worker)]);
    await ready(this.pods);
    this.#route(this.#servers);
  }

  /** Rolls every pod over, as a Deployment does with maxUnavailable 0 and maxSurge 1. Resolves to how each old one ended. */
  async upgrade(objects: readonly KubernetesObject[]): Promise<readonly Ended[]> {
    this.#cluster = { ...this.#cluster, objects };
    const [server, worker] = this.#deployments();
    const ended: Ended[] = [];
    for (const old of this.#servers) {
      const made = await this.#start(server.pod);
      await ready([made]);
      this.#servers = [...this.#servers, made];
      this.#route(this.#servers);
      const ending = old.end();
      await new Promise((late) => setTimeout(late, LATE));
      this.#servers = this.#servers.filter((pod) => pod !== old);
      this.#route(this.#servers);
      ended.push(await ending);
    }
    for (const old of this.#workers) {
      const made = await this.#start(worker.pod);
      await ready([made]);
      this.#workers = [...this.#workers, made];
      ended.push(await old.end());
      this.#workers = this.#workers.filter((pod) => pod !== old);
    }
    return ended;
  }

  async remove(): Promise<void> {
    for (const pod of this.pods) await pod.remove();
  }

  #start(spec: PodSpec): Promise<Pod> {
    this.#made += 1;
    return Pod.start(this.#cluster, `${this.#cluster.network}-${this.#name}-${this.#made}`, spec);
  }

  #route(pods: readonly Pod[]): void {
    this.#ingress.backends = pods.map((pod) => ({ address: pod.address, port: pod.port('http') }));
  }

  #deployments() {
    const found = this.#cluster.objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ spec }) => ({ replicas: spec?.replicas ?? 1, pod: spec?.template?.spec as PodSpec }));
    const of = (command: string) => {
      const one = found.find(({ pod }) => pod.containers[0]?.args?.[0] === command);
      if (one === undefined) throw new Error(`no Deployment runs ${command}`);
      return one;
    };
    return [of('serve'), of('worker')] as const;
  }
}
