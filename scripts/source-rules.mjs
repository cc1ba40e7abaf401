// Rules of the house that neither the compiler, the linter nor the dependency checker can see.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Calls whose answer is no boolean and says the same, and those of objects that are no port. */
const ANSWERING = [
  ...['settle', 'renew', 'takePermit', 'takeUp', 'remember', 'revive', 'retryLater', 'heartbeat', 'claimOne'],
  ...['archive\\.close', 'verifications\\.insert', 'subjects\\.forget'],
];
/** Names that others have for what answers nothing. */
const ALSO_OTHERS = ['close', 'add', 'has', 'seal', 'insert', 'forget'];

/** Every method of a port that answers whether it counted; a new one is held to the rule without a line here. */
function answering() {
  const ports = fileURLToPath(new URL('../src/ports', import.meta.url));
  const found = readdirSync(ports).flatMap((file) => {
    const text = readFileSync(join(ports, file), 'utf8');
    return [...text.matchAll(/^ {2}(\w+)\([^;]*?\): Promise<(?:boolean|'[^>]*)>;/gm)].map(([, name]) => name);
  });
  return [...new Set([...found, ...ANSWERING])].filter((name) => !ALSO_OTHERS.includes(name));
}

const RULES = [
  {
    name: 'no-computed-import',
    why: 'the dependency checker cannot follow it',
    // The modules that an operator brings: JITSUIN_PF_KEYS_MODULE (pf's own programs alone reach the file), JITSUIN_SEAL_KMS_MODULE.
    in: /^(src|workers)\/(?!adapters\/keys\/(pf-keys|key-wrapper)-module\.ts$)/,
    pattern: /\bimport\(\s*(?!['"])/,
  },
  {
    name: 'no-inline-type-import',
    why: 'the dependency checker cannot see it: write `import type`',
    in: /^(src|workers)\//,
    pattern: /(?:[:=<|&(,]|\bas|\bextends|\btypeof)\s*import\(\s*['"]/,
  },
  {
    name: 'pure-rooms-ask-nobody',
    why: 'time, randomness and environment are arguments in the pure rooms',
    in: /^src\/(core|verifier|rp|staff)\//,
    pattern:
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(?!stdout)|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues\(|\bsetTimeout\(|\bsetInterval\(|\bfetch\(/,
  },
  {
    name: 'no-type-holes',
    why: 'no any, no double assertion, no ignored errors',
    in: /^(src|workers)\//,
    pattern: /\bas any\b|:\s*any\b(?! [a-z])|@ts-ignore|@ts-expect-error|\bas unknown as\b|biome-ignore/,
  },
  {
    name: 'plain-members',
    why: 'no spread of a literal: plain members, and `defined({…})` where one may be missing',
    in: /^(src|workers)\//,
    pattern: /\.\.\.\{(?!\})|\.\.\.\([^()]*(?:\([^()]*\)[^()]*)*\?\s*\{\s*[}\w'"]/,
  },
  {
    name: 'normalized-in-one-place',
    why: 'a run of combining marks takes time by its square: `normalizedText` bounds it',
    in: /^(src|workers)\/(?!core\/normalized-text\.ts$)/,
    pattern: /\.normalize\(/,
  },
  {
    name: 'compare-and-set-is-heard',
    why: 'its answer says whether it counted: read it, or write `void (await …)` with the reason',
    in: /^(src|workers)\//,
    pattern: new RegExp(`^\\s*await (?:tryStep|[\\w.#?]+\\.(?:${answering().join('|')}))\\(`),
  },
  {
    name: 'shared-ground',
    why: 'once for all: equalTexts, equalOctets and hexSha256 of core/digest/sha256.ts, UUID of core/uuid.ts',
    in: /^src\/(?=core|verifier|verification|rp|pf|staff|http|web)(?!core\/(digest\/sha256|uuid)\.ts$)/,
    pattern:
      /\btimingSafeEqual\b|toHex\(createHash\('sha256'\)|createHash\('sha256'\)\.update\([^()]*(?:\([^()]*\))?[^()]*\)\.digest\('hex'\)|\[0-9a-f\]\{8\}-/,
  },
  {
    name: 'codes-of-the-edge',
    why: 'http.* is what the HTTP edge says: below it a right, a record or a consent is what is missing',
    in: /^(src|workers)\/(?!core\/|contracts\/|http\/|web\/|client\/|simulator\/|roles\/[^/]+\/(routes|console)\/)/,
    pattern: /'http\.(?!shutting)/,
  },
  {
    name: 'codes-of-the-service',
    why: 'upstream.restart is what the service said: a login that is not there is login.none or login.tokens-gone',
    in: /^(src|workers)\/(?!core\/|contracts\/|simulator\/|adapters\/auth-and-sign\/)/,
    pattern: /JitsuinError\('upstream\.restart'/,
  },
  {
    name: 'spans-once',
    why: 'MINUTE_MILLIS, HOUR_MILLIS and DAY_MILLIS of core/spans.ts: once for all, with their unit',
    // The package's typed caller reaches nothing of ours.
    in: /^(src|workers)\/(?!core\/spans\.ts$|client\/)/,
    pattern: /(?<![\w.])(?:60_?000|3_?600_?000|86_?400_?000)(?![\w])|\b(?:24|60) \* 60\b|\b60 \* 1_?000\b/,
  },
  {
    name: 'lines-within-120',
    why: 'a line has at most 120 characters, comments and markup too',
    // The form files that ship: their octets are their identity.
    in: /^(src|workers)\/(?!core\/forms\/shipped\.ts$)/,
    pattern: /^.{121,}$/u,
    whole: true,
  },
  {
    name: 'pkijs-never-judges',
    why: 'its chain engine and OCSP verify accept what must be refused (src/decisions)',
    in: /^(src|workers)\//,
    pattern: /CertificateChainValidationEngine|checkChain|BasicOCSPResponse\b[^;]*\.verify\(/,
  },
];

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const findings = [];
for (const file of sources(root)) {
  const path = relative(root, file);
  const lines = readFileSync(file, 'utf8').split('\n');
  for (const rule of RULES.filter((candidate) => candidate.in.test(path))) {
    lines.forEach((line, index) => {
      const code = line.replace(/^\s*(\*|\/\/|\/\*).*$/, '').replace(/\/\/ .*$/, '');
      if (rule.pattern.test(rule.whole === true ? line : code))
        findings.push(`${path}:${index + 1} ${rule.name}: ${rule.why}`);
    });
  }
}
for (const finding of findings) console.log(finding);
process.exit(findings.length === 0 ? 0 : 1);

function* sources(folder) {
  for (const room of ['src', 'workers']) {
    let entries = [];
    try {
      entries = readdirSync(join(folder, room), { recursive: true, withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      if (entry.isFile() && entry.name.endsWith('.ts')) yield join(entry.parentPath, entry.name);
    }
  }
}
