import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { notRunUnless } from '../../support/not-run.ts';
import { root } from './engine.ts';

const HELM = process.env['JITSUIN_HELM'] ?? join(root, '.ci/helm/helm/helm');
/** Beside helm in the package that scripts/get-helm.mjs brings. */
const KUBECTL = process.env['JITSUIN_KUBECTL'] ?? join(root, '.ci/helm/kubectl/kubectl');

export type Texts = Readonly<Record<string, string>>;

/** What these tests read of a container of a pod. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
  };
  readonly resources: { readonly limits: { readonly cpu: string; readonly memory: string } };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly fsGroup: number;
  };
  readonly initContainers: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly volumes: readonly {
    readonly name: string;
    readonly secret?: { readonly secretName: string };
    readonly configMap?: { readonly name: string };
    readonly emptyDir?: { readonly sizeLimit: string };
  }[];
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Texts;
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly spec: PodSpec } };
}

export function toolsAvailable(): boolean {
  if (existsSync(HELM) && existsSync(KUBECTL)) return true;
  notRunUnless(
    'JITSUIN_REQUIRE_HELM',
    'the chart’s pods in containers',
    `no ${HELM}; node scripts/get-helm.mjs`,
  );
  return false;
}

/** The objects of `helm template` or of `kubectl … --dry-run`. */
export function objectsOf(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((found) => found !== null);
}

/**
 * Runs a document's commands as they stand, in a folder: what `kubectl create` and `helm install` or `upgrade` would send to a
 * cluster comes back as objects, made by the real kubectl and helm.
 */
export function commandsOnCluster(script: string, folder: string, env: Texts): readonly KubernetesObject[] {
  const stubs = `
kubectl() {
  case $1 in
    create)
      if [ "$2" = -f ]; then cat >&3; else ${KUBECTL} "$@" --dry-run=client -o yaml >&3; fi
      echo --- >&3
      ;;
    *) ${KUBECTL} "$1" --help >/dev/null ;;
  esac
}
helm() {
  case $1 in
    install | upgrade) shift && ${HELM} template "$@" >&3 && echo --- >&3 ;;
    *) ${HELM} "$@" ;;
  esac
}
cd() { :; }
`;
  const { status, stderr, output } = spawnSync('bash', ['-euc', `${stubs}\n${script}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${script}\n${stderr}`);
  return objectsOf(output[3] ?? '');
}
