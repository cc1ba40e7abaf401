import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const json = <T>(file: string) => JSON.parse(readFileSync(resolve(root, file), 'utf8')) as T;

type Versions = Readonly<Record<string, string>>;
interface Manifest {
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
}
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}
const manifest = json<Manifest>('package.json');
const { packages } = json<{ packages: Readonly<Record<string, Locked & Manifest>> }>('package-lock.json');
const { '': top, ...installed } = packages;

describe('what is installed (A20)', () => {
  it('is named by exact versions, and the lock file has the same', () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(wanted)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(installed[`node_modules/${name}`]?.version).toBe(version);
    }
    expect({ ...top?.dependencies, ...top?.devDependencies }).toEqual(wanted);
  });

  it('has a hash each; only packages for other platforms may be without', () => {
    const without = Object.entries(installed).filter(([, { integrity }]) => integrity === undefined);
    expect(without.filter(([, { optional }]) => optional !== true)).toEqual([]);
  });

  it('runs no install script but these, and the image runs none', () => {
    const scripted = Object.entries(installed).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual([
      'node_modules/@swc/core',
      'node_modules/esbuild',
      'node_modules/msgpackr-extract',
    ]);
    expect(readFileSync(resolve(root, 'Dockerfile'), 'utf8')).toContain('npm ci --ignore-scripts');
  });
});
