// The library faces: what each is made from, what it may consist of, and how large it may be. `npm run packages` makes a package
// of each; `jitsuin` itself exports the same ones.
const CORE = /^core\//;

/**
 * `may`: files of ours (below dist/src) that it may reach; everything else it can never reach. `uses`: packages of others that
 * are installed with it; what is not named is bundled or not there. `builtins`: modules of Node that it may name.
 * `most`: octets of JavaScript that a program loads of it, and of the tarball. `sourcesInMap`: the TypeScript is in the source map;
 * where that is too large, the map names lines of the repository. `also`: entries beside the main one. `peers`: packages that its users have already.
 */
export const FACES = [
  {
    name: 'client',
    sourcesInMap: false,
    entry: 'client/index.js',
    also: { log: 'client/log.js', webhooks: 'client/webhooks.js' },
    about: 'Typed callers of the HTTP API of jitsuin. No dependency, wherever fetch is.',
    may: [/^client\//],
    bundled: ['jose', 'standardwebhooks', '@stablelib/base64', 'fast-sha256'],
    uses: [],
    builtins: [],
    most: 50 * 1024,
  },
  {
    name: 'xml',
    sourcesInMap: true,
    entry: 'faces/xml.js',
    about:
      'Strict XML, canonicalization (C14N 1.0, 1.1, exclusive; whole or streamed), signatures prepared for a card.',
    may: [/^faces\/xml\.js$/, CORE],
    never: [/^core\/(oidc|jwe|sign-transaction|evidence)\//],
    bundled: [],
    uses: [],
    builtins: ['node:crypto', 'node:buffer'],
    most: 220 * 1024,
  },
  {
    name: 'x509',
    sourcesInMap: true,
    entry: 'faces/x509.js',
    about: 'X.509 certificates, certification paths (RFC 5280), CRL and OCSP, judged offline.',
    may: [/^faces\/x509\.js$/, CORE, /^verifier\/(x509|revocation)\//],
    never: [/^core\/(oidc|jwe|sign-transaction|evidence)\//],
    bundled: [],
    uses: [],
    builtins: ['node:crypto', 'node:buffer'],
    most: 200 * 1024,
  },
  {
    name: 'verify',
    sourcesInMap: false,
    entry: 'faces/verify.js',
    about: 'Signed documents, forms and evidence judged offline, with trust as an argument.',
    may: [/^faces\/verify\.js$/, CORE, /^verifier\//],
    never: [/^core\/oidc\//, /^verifier\/jwe\//],
    bundled: ['jose'],
    uses: [],
    builtins: ['node:crypto', 'node:buffer'],
    most: 400 * 1024,
  },
  {
    name: 'xml-crypto',
    sourcesInMap: true,
    entry: 'faces/xml-crypto.js',
    about: 'Canonicalization algorithms for xml-crypto with @xmldom/xmldom, and for xml-c14n.',
    may: [
      /^faces\/xml-crypto\.js$/,
      /^adapters\/xml-peers\//,
      /^core\/(c14n|xml)\//,
      /^core\/[a-z0-9-]+\.js$/,
    ],
    bundled: [],
    uses: [],
    peers: ['xml-crypto'],
    builtins: ['node:buffer'],
    most: 120 * 1024,
  },
  {
    name: 'simulator',
    entry: 'faces/simulator.js',
    about: 'デジタル認証アプリ, cards, JPKI and a time-stamp authority, pretended on one port, for tests.',
    // the page /verify of the pretended world is the product's own
    may: [
      /^faces\/simulator\.js$/,
      /^(core|simulator|contracts|http|web|verifier)\//,
      /^adapters\/(auth-and-sign|clock|files\/read-zip|http-client|random|revocation|threads|timestamp)/,
      /^roles\/signature-verifier\//,
    ],
    never: [/^adapters\/(store|queue|redis|keys|audit)\//, /^roles\/(sp|gov|pf)\//, /^config\//, /^cli\//],
    bundled: [],
    // read by its path, not imported: the pages' design tokens
    uses: [
      '@digital-go-jp/design-tokens',
      '@opentelemetry/api',
      'asn1js',
      'express',
      'helmet',
      'jose',
      'pkijs',
      'zod',
    ],
    builtins: undefined,
    most: 1400 * 1024,
    tree: true,
  },
];

/**
 * What a face reaches that it may not. `files` as paths below dist/src, `packages` and `builtins` by their names.
 * @returns {string[]} one line each
 */
export function strays(face, { files, packages, builtins }) {
  const { name, may, never = [], uses, bundled, builtins: allowed } = face;
  const known = [...uses, ...bundled];
  return [
    ...files
      .filter((file) => !may.some((one) => one.test(file)) || never.some((one) => one.test(file)))
      .map((file) => `jitsuin/${name} reaches ${file}`),
    ...packages
      .filter((one) => !known.includes(one))
      .map((one) => `jitsuin/${name} reaches the package ${one}`),
    ...(allowed === undefined ? [] : builtins.filter((one) => !allowed.includes(one))).map(
      (one) => `jitsuin/${name} reaches ${one}`,
    ),
  ];
}
