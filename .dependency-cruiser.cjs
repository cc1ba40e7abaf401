/**
 * The rooms and arrows of the house (src/README.md). Type-only and dynamic imports count.
 * test/boundaries plants violations and sees each refused.
 */
const ROLE = '^(src/roles|workers)/([^/]+)/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'samples/openid are apps with a package.json of their own; a test installs and runs them',
      from: { pathNot: '^samples/openid/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'core-depends-on-nothing-above',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src/(?!core/)|workers/|test/|samples/|scripts/)' },
    },
    {
      name: 'verifier-depends-on-core-only',
      severity: 'error',
      from: { path: '^src/verifier/' },
      to: {
        path: '^(src/(?!core/|verifier/)|workers/|test/|samples/|scripts/)',
        pathNot: '^src/ports/decryption-key\\.ts$',
      },
    },
    {
      name: 'pure-rooms-no-io',
      severity: 'error',
      comment:
        'node:crypto (hashing and verifying) and node:buffer are the only Node modules of the pure rooms',
      from: { path: '^src/(core|verifier)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'pure-rooms-no-framework',
      severity: 'error',
      from: { path: '^src/(core|verifier)/' },
      to: {
        path: 'node_modules/(express|bullmq|ioredis|kysely|libsql|pg|pino|helmet|openid-client|prom-client|zod|pkijs|asn1js|xml-crypto|xml-c14n|@xmldom)(/|$)',
      },
    },
    {
      name: 'ports-are-shapes',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { path: '^(src/(?!core/|ports/|contracts/)|workers/)' },
    },
    {
      name: 'contracts-are-shapes',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { path: '^(src/(?!core/|contracts/)|workers/)' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      comment: 'jitsuin/client knows the API by its OpenAPI document alone, and runs wherever fetch does',
      from: { path: '^src/client/' },
      to: { path: '^(src/(?!client/)|workers/|test/|samples/|scripts/)' },
    },
    {
      name: 'faces-are-for-others',
      severity: 'error',
      comment: 'what strangers install; what each may reach stands in scripts/faces.mjs',
      from: { path: '^(src|workers)/', pathNot: '^src/faces/' },
      to: { path: '^src/faces/' },
    },
    {
      name: 'client-on-fetch-only',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-is-for-others',
      severity: 'error',
      comment: 'but the commands that are a caller themselves',
      from: { path: '^(src|workers)/', pathNot: '^src/(client|cli/applications)/' },
      to: { path: '^src/client/' },
    },
    {
      name: 'rp-on-ports-only',
      severity: 'error',
      from: { path: '^src/rp/' },
      to: { path: '^(src/(?!core/|ports/|contracts/|rp/)|workers/)' },
    },
    {
      name: 'pf-on-ports-only',
      severity: 'error',
      from: { path: '^src/pf/' },
      to: { path: '^(src/(?!core/|ports/|contracts/|verifier/|verification/|pf/)|workers/)' },
    },
    {
      name: 'verification-on-ports-only',
      severity: 'error',
      from: { path: '^src/verification/' },
      to: { path: '^(src/(?!core/|ports/|contracts/|verifier/|verification/)|workers/)' },
    },
    {
      name: 'pf-and-verification-do-no-io',
      severity: 'error',
      from: { path: '^src/(pf|verification)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'config-reads-settings-only',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^(src/(?!core/|contracts/|config/)|workers/)' },
    },
    {
      name: 'use-cases-get-settings-as-arguments',
      severity: 'error',
      from: { path: '^src/(core|verifier|contracts|ports|rp|pf|verification|staff)/' },
      to: { path: '^src/config/' },
    },
    {
      name: 'staff-on-ports-only',
      severity: 'error',
      from: { path: '^src/staff/' },
      to: { path: '^(src/(?!core/|ports/|contracts/|staff/)|workers/)' },
    },
    {
      name: 'adapters-below-roles',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^(src/(roles|rp|pf|verification|staff|http|web|cli|simulator|verifier)/|workers/)' },
    },
    {
      name: 'offline-judges-and-nothing-else',
      severity: 'error',
      comment: 'a page without a network: the pure rooms, and the words of the command line and of /verify',
      from: { path: '^src/offline/' },
      to: {
        path: '^(src/(?!core/|verifier/|offline/|cli/(verify|evidence|log)/[a-z-]*(output|judge-receipt)\\.ts$|web/verify/check-names\\.ts$)|workers/)',
      },
    },
    {
      name: 'offline-is-bundled-alone',
      severity: 'error',
      comment: 'scripts/offline.mjs makes one file of it; no program loads it',
      from: { path: '^(src|workers)/', pathNot: '^src/offline/' },
      to: { path: '^src/offline/' },
    },
    {
      name: 'http-and-web-below-roles',
      severity: 'error',
      from: { path: '^src/(http|web)/' },
      to: { path: '^(src/(roles|pf|verification|cli|simulator|verifier|adapters)/|workers/)' },
    },
    {
      name: 'roles-do-not-meet',
      severity: 'error',
      from: { path: ROLE },
      to: {
        path: '^(src/roles|workers)/',
        pathNot: '^(src/roles|workers)/($2|relying-party|signature-verifier)/',
      },
    },
    {
      name: 'sp-never-reaches-verifier',
      severity: 'error',
      comment:
        'transitively: an sp may not hold a certificate, so its programs can reach neither decryption nor certificate code',
      from: { path: '^(src/roles|workers)/sp/' },
      to: {
        path: '^src/(verifier|verification|pf|adapters/revocation)/|^src/adapters/keys/pf-|^src/adapters/auth-and-sign/.*government|node_modules/(pkijs|asn1js)/|node_modules/jose/dist/.*(decrypt|jwe)',
        reachable: true,
      },
    },
    {
      name: 'pf-keys-only-in-pf',
      severity: 'error',
      from: { path: '^(src/roles|workers)/(sp|gov)/' },
      to: { path: '^src/adapters/keys/pf-', reachable: true },
    },
    {
      name: 'adapters-wired-only-in-main',
      severity: 'error',
      from: { path: '^src/roles/[^/]+/', pathNot: '/(main|wiring|judge-thread)\\.ts$' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'simulator-only-for-cli-and-tests',
      severity: 'error',
      from: { path: '^(src|workers|samples)/', pathNot: '^src/(simulator|cli)/|^src/faces/simulator\\.ts$' },
      to: { path: '^src/simulator/' },
    },
    {
      name: 'pkijs-encodes-only',
      severity: 'error',
      comment:
        'pkijs accepts 22 of 135 PKITS paths that must be refused (facts/pki.md); it builds and encodes, it never judges',
      from: { path: '^(src|workers)/', pathNot: '^src/simulator/' },
      to: { path: 'node_modules/(pkijs|asn1js)/' },
    },
    {
      name: 'jose-by-subpath',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: 'node_modules/jose/dist/webapi/index\\.js$' },
    },
    {
      name: 'jose-decrypts-only-in-verifier-jwe',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/verifier/jwe/' },
      to: { path: 'node_modules/jose/dist/.*decrypt' },
    },
    {
      name: 'queue-library-in-one-adapter',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/adapters/(queue|redis)/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'sql-libraries-in-one-adapter',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/adapters/(store|queue)/' },
      to: { path: 'node_modules/(kysely|libsql|pg)/' },
    },
    {
      name: 'passkey-library-in-one-adapter',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/adapters/passkey/' },
      to: { path: 'node_modules/@simplewebauthn/' },
    },
    {
      name: 'express-only-at-the-edge',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/(http|roles|web|simulator)/' },
      to: { path: 'node_modules/(express|helmet)/' },
    },
    {
      name: 'production-not-to-test',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(test|samples|scripts)/' },
    },
    {
      name: 'production-not-to-dev-dependencies',
      severity: 'error',
      comment: 'what src/offline uses is bundled into its page',
      from: { path: '^(src|workers)/', pathNot: '^src/offline/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
