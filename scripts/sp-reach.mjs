// Proves what the BUILT sp programs cannot contain: walks everything that dist's sp entry points reach, through our
// code and through jose, and fails on any module that opens a JWE or knows a certificate.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const ENTRIES = ['dist/src/roles/sp/main.js', 'dist/workers/sp/main.js'];
const FORBIDDEN = [
  /(^|\/)src\/verifier\//,
  /(^|\/)src\/verification\//,
  /(^|\/)src\/pf\//,
  /(^|\/)src\/adapters\/revocation\//,
  /(^|\/)src\/adapters\/keys\/pf-/,
  /(^|\/)src\/adapters\/auth-and-sign\/.*government/,
  /(^|\/)src\/simulator\//,
  /node_modules\/jose\/.*decrypt/,
  /node_modules\/jose\/dist\/webapi\/(jwe|index)/,
];

// The passkey library brings a parser for the certificates of authenticators. It is loaded only with JITSUIN_PASSKEY=on, nothing
// of ours names the parser, and no certificate of a citizen ever comes to an sp in clear.
const CERTIFICATE_PACKAGES = /node_modules\/(pkijs|asn1js|@peculiar)\//;
const PASSKEY_LIBRARY = /node_modules\/(@simplewebauthn|@peculiar|asn1js)\//;

process.chdir(root);
const missing = ENTRIES.filter((entry) => !existsSync(entry));
if (missing.length > 0) {
  console.log(`not built: ${missing.join(', ')}. Run "npm run build" first.`);
  process.exit(1);
}
const { output } = await cruise(ENTRIES, {
  doNotFollow: { path: 'node_modules/(?!jose/|openid-client/|oauth4webapi/|@simplewebauthn/)' },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
});
const modules = output.modules.map((module) => module.source);
const found = modules.filter((source) => FORBIDDEN.some((pattern) => pattern.test(source)));
for (const { source, dependencies } of output.modules) {
  if (PASSKEY_LIBRARY.test(source)) continue;
  found.push(
    ...dependencies.map(({ resolved }) => resolved).filter((path) => CERTIFICATE_PACKAGES.test(path)),
  );
}
for (const source of found) console.log(`the built sp reaches ${source}`);
const own = modules.filter((source) => source.startsWith('dist/')).length;
console.log(
  `${ENTRIES.length} entry points reach ${own} modules of ours and ${modules.length - own} of others`,
);
process.exit(found.length === 0 && own > ENTRIES.length ? 0 : 1);
