// What a release consists of besides our own code: `node scripts/parts-list.mjs FOLDER` writes sbom.cdx.json (CycloneDX, by npm's own
// `npm sbom` from the lock file) and licences.txt (one line a package: name, version, licence). Exit status 1 where a package names no
// licence, or one that is not on the list below: whoever adds it reads it first.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Read, and compatible with giving the whole away under Apache-2.0. */
const READ = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
];

/** Named in the package's files, not in its manifest or the lock file's entry for another platform. */
const NAMED_ELSEWHERE = [
  [/^@msgpackr-extract\//, 'MIT'],
  [/^xml-c14n$/, 'BSD-3-Clause'],
];

const folder = process.argv[2];
if (folder === undefined) {
  console.error('Usage: node scripts/parts-list.mjs FOLDER');
  process.exit(2);
}
// `--omit dev` of npm 11 leaves out what a development package needs too (@opentelemetry/api): npm's own mark decides here.
const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
const made = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
if (made.status !== 0) {
  console.error(made.stderr);
  process.exit(1);
}
const whole = JSON.parse(made.stdout);
const components = whole.components.filter(
  ({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'),
);
const refs = new Set([whole.metadata.component['bom-ref'], ...components.map((each) => each['bom-ref'])]);
const dependencies = whole.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
const sbom = { ...whole, components, dependencies };
const parts = components
  .map(({ name, version, licenses = [] }) => ({ name, version, licence: licenceOf(name, licenses) }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbom, undefined, 2)}\n`);
writeFileSync(
  join(folder, 'licences.txt'),
  parts.map(({ name, version, licence }) => `${name} ${version} ${licence}\n`).join(''),
);
const unread = parts.filter(({ licence }) => !isRead(licence));
for (const { name, version, licence } of unread)
  console.error(`${name} ${version}: ${licence === '' ? 'names no licence' : `${licence} was not read`}`);
console.log(`${parts.length} packages in ${join(folder, 'sbom.cdx.json')} and licences.txt`);
process.exit(unread.length === 0 ? 0 : 1);

function licenceOf(name, licenses) {
  const said = licenses.map(nameOf).join(' AND ');
  return said === '' ? (NAMED_ELSEWHERE.find(([pattern]) => pattern.test(name))?.[1] ?? '') : said;
}

function nameOf({ license, expression }) {
  return license?.id ?? license?.name ?? expression ?? '';
}

/** One of an OR is enough, each of an AND is needed. */
function isRead(expression) {
  const bare = expression.replaceAll(/[()]/g, '');
  return bare.split(' AND ').every((each) => each.split(' OR ').some((one) => READ.includes(one.trim())));
}
