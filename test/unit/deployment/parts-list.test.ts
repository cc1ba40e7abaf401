import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const { programFiles } = (await import(join(root, 'scripts/program-files.mjs'))) as {
  programFiles(entry: string): Promise<{ readonly packages: readonly string[] }>;
};
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifestOf = (file: string) =>
  JSON.parse(readFileSync(join(root, file), 'utf8')) as { dependencies: Readonly<Record<string, string>> };
/** Imported by no line: its files are read by their path; a type that callers bring along. */
const NOT_IMPORTED = ['@digital-go-jp/design-tokens', 'xml-crypto'];

describe('what is shipped beside our own code', () => {
  it('is loaded by something: no dependency stands there for nothing', async () => {
    const entries = ['dist/src/cli/main.js', 'dist/src/client/index.js'].map((file) => join(root, file));
    const walks = await Promise.all(entries.map(programFiles));
    const packages = [...new Set(walks.flatMap(({ packages: named }) => named))];
    const dependencies = Object.keys(manifestOf('package.json').dependencies);
    expect(dependencies.filter((name) => !packages.includes(name)).sort()).toEqual(NOT_IMPORTED);
    expect(packages.filter((name) => !dependencies.includes(name))).toEqual([]);
  });

  it.each(['sp', 'gov', 'pf'])(
    'the manifest of %s has exactly what its program names, at the versions of the whole',
    async (role) => {
      const { packages } = await programFiles(join(root, `dist/${role}/src/cli/${role}-main.js`));
      const whole = manifestOf('package.json').dependencies;
      const named = [...packages, '@digital-go-jp/design-tokens'].sort();
      expect(manifestOf(`dist/${role}/package.json`).dependencies).toEqual(
        Object.fromEntries(named.map((name) => [name, whole[name]])),
      );
    },
  );

  it('stands in a CycloneDX list, each part with a licence that was read', () => {
    const { status, stderr } = spawnSync('node', ['scripts/parts-list.mjs', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const sbom = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: readonly { name: string; version: string }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const listed = new Map(sbom.components.map(({ name, version }) => [name, version]));
    for (const [name, version] of Object.entries(manifestOf('package.json').dependencies))
      expect([name, listed.get(name)]).toEqual([name, version]);
    const lines = readFileSync(join(folder, 'licences.txt'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(sbom.components.length);
    expect(lines.filter((line) => !/^\S+ \S+ \S/.test(line))).toEqual([]);
  });
});
