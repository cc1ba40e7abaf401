// Proves what the program of an sp cannot contain, and that it is the program that people start:
//  1. walks everything that `jitsuin-sp` (its build output, dist/sp) reaches, through our code and through jose, and fails on any
//     module that opens a JWE or knows a certificate;
//  2. compares the files of that build output with the walk: nothing else lies there;
//  3. reads what package.json and the deployment files start as an sp, and fails where that is another program.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { programFiles } from './program-files.mjs';
import { startedAsSp } from './sp-starts.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'dist/sp/src/cli/sp-main.js';
const ASSETS = /^dist\/sp\/(package\.json$|src\/web\/assets\/)/;
const FORBIDDEN = [
  /(^|\/)src\/verifier\//,
  /(^|\/)src\/verification\//,
  /(^|\/)src\/pf\//,
  /(^|\/)src\/adapters\/revocation\//,
  /(^|\/)src\/adapters\/keys\/pf-/,
  /(^|\/)src\/adapters\/auth-and-sign\/.*government/,
  /(^|\/)src\/simulator\//,
  /(^|\/)(src\/roles|workers)\/(gov|pf)\//,
  /node_modules\/jose\/.*decrypt/,
  /node_modules\/jose\/dist\/webapi\/(jwe|index)/,
];

// The passkey library brings a parser for the certificates of authenticators. It is loaded only with JITSUIN_PASSKEY=on, nothing
// of ours names the parser, and no certificate of a citizen ever comes to an sp in clear.
const CERTIFICATE_PACKAGES = /node_modules\/(pkijs|asn1js|@peculiar)\//;
const PASSKEY_LIBRARY = /node_modules\/(@simplewebauthn|@peculiar|asn1js)\//;

process.chdir(root);
if (!existsSync(ENTRY)) {
  console.log(`not built: ${ENTRY}. Run "npm run build" first.`);
  process.exit(1);
}
const { threads } = await programFiles(ENTRY);
const { output } = await cruise([ENTRY, ...threads], {
  doNotFollow: { path: 'node_modules/(?!jose/|openid-client/|oauth4webapi/|@simplewebauthn/)' },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
});
const modules = output.modules.map((module) => module.source);
const found = modules
  .filter((source) => FORBIDDEN.some((pattern) => pattern.test(source)))
  .map((source) => `the program of an sp reaches ${source}`);
for (const { source, dependencies } of output.modules) {
  if (PASSKEY_LIBRARY.test(source)) continue;
  const certificates = dependencies
    .map(({ resolved }) => resolved)
    .filter((path) => CERTIFICATE_PACKAGES.test(path));
  found.push(...certificates.map((path) => `the program of an sp reaches ${path}, from ${source}`));
}

const own = new Set(modules.filter((source) => source.startsWith('dist/')));
const built = readdirSync('dist/sp', { recursive: true, withFileTypes: true })
  .filter((entry) => !entry.isDirectory())
  .map((entry) => relative('.', join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
for (const file of built)
  if (!own.has(file) && !ASSETS.test(file)) found.push(`dist/sp holds ${file}, which the walk did not meet`);
for (const file of own)
  if (!built.includes(file))
    found.push(`the program of an sp reaches ${file}, which is not in its build output`);
found.push(...startedAsSp(ENTRY, (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)));

for (const line of found) console.log(line);
console.log(
  `jitsuin-sp reaches ${own.size} modules of ours and ${modules.length - own.size} of others; its build output holds them alone`,
);
process.exit(found.length === 0 && own.size > 1 ? 0 : 1);
