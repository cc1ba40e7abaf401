import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientKey } from '../../../src/adapters/keys/client-key.ts';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import { keyPaths, refusePfKeys } from '../../../src/roles/sp/key-placement.ts';
import { privateKeyForm } from '../../../src/roles/sp/private-key-forms.ts';

const top = mkdtempSync(join(tmpdir(), 'jitsuin-keys-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const x25519 = generateKeyPairSync('x25519');
const ed25519 = generateKeyPairSync('ed25519');

type Pair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
const KEYS: Readonly<Record<string, Pair>> = { ec, rsa, x25519, ed25519 };
const PASSPHRASE = { cipher: 'aes-256-cbc', passphrase: 'x' };
const jwk = ({ privateKey }: Pair) => privateKey.export({ format: 'jwk' });

/** Every way in which Node writes a private key, for each kind of key. */
function exported(name: string, { privateKey }: Pair): Readonly<Record<string, Buffer | string>> {
  const own = name === 'ec' ? 'sec1' : 'pkcs1';
  const traditional: Record<string, Buffer | string> =
    name === 'ec' || name === 'rsa'
      ? {
          [`${own} PEM`]: privateKey.export({ format: 'pem', type: own }) as string,
          [`${own} PEM, encrypted`]: privateKey.export({ format: 'pem', type: own, ...PASSPHRASE }) as string,
          [`${own} DER`]: privateKey.export({ format: 'der', type: own }) as Buffer,
        }
      : {};
  return {
    'pkcs8 PEM': privateKey.export({ format: 'pem', type: 'pkcs8' }),
    'pkcs8 PEM, encrypted': privateKey.export({ format: 'pem', type: 'pkcs8', ...PASSPHRASE }),
    'pkcs8 DER': privateKey.export({ format: 'der', type: 'pkcs8' }),
    'pkcs8 DER, encrypted': privateKey.export({ format: 'der', type: 'pkcs8', ...PASSPHRASE }),
    ...traditional,
    JWK: JSON.stringify({ ...jwk({ privateKey, publicKey: privateKey }), use: 'enc' }),
    'JWK without use': JSON.stringify(privateKey.export({ format: 'jwk' })),
    'JWK set': JSON.stringify({
      keys: [{ ...jwk(ec), use: 'sig', alg: 'ES256' }, privateKey.export({ format: 'jwk' })],
    }),
    'JWK, 40 deep': nested(privateKey.export({ format: 'jwk' }), 40),
    'JWK as YAML': yaml(privateKey.export({ format: 'jwk' })),
    'JWK a line': `{"a":1}\n${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`,
  };
}

function nested(value: unknown, depth: number): string {
  return `${'{"in":['.repeat(depth)}${JSON.stringify(value)}${']}'.repeat(depth)}`;
}

function yaml(value: object): string {
  return Object.entries(value)
    .map(([name, text]) => `${name}: ${String(text)}\n`)
    .join('');
}

const bits = (text: string) => Buffer.from(text, 'latin1');
const FORMS: Record<string, Buffer | string> = {
  'keystore of a pf': JSON.stringify({ format: 'jitsuin-pf-keystore', version: 1 }),
  'ECDH-ES by alg alone': JSON.stringify({ alg: 'ECDH-ES+A256KW', d: 'x' }),
  'JKS keystore': Buffer.from('feedfeed0000000200000001', 'hex'),
  'JCEKS keystore': Buffer.from('cececece0000000200000001', 'hex'),
  'BKS keystore': Buffer.from('00000002000000140102030405060708', 'hex'),
  OpenSSH: '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
  PGP: '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n',
  SSH2: '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: x\n',
  PuTTY: 'PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\n',
  'JWE under a passphrase': `${Buffer.from('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000}').toString('base64url')}.AAAA.AAAA.AAAA.AAAA`,
};
for (const [name, pair] of Object.entries(KEYS))
  for (const [form, content] of Object.entries(exported(name, pair))) FORMS[`${name}: ${form}`] = content;

/** The same octets as somebody may have wrapped them. */
const WRAPPINGS: Readonly<Record<string, (octets: Buffer) => Buffer | string>> = {
  'as it is': (octets) => octets,
  'in base64, in lines': (octets) => octets.toString('base64').replaceAll(/.{76}/g, '$&\n'),
  'in a Secret manifest': (octets) => `kind: Secret\ndata:\n  pf.key: ${octets.toString('base64')}\n`,
  'in gzip': (octets) => gzipSync(octets),
  'in gzip in base64': (octets) => gzipSync(octets).toString('base64'),
};

describe('privateKeyForm', () => {
  beforeAll(() => {
    const at = (name: string) => join(top, name);
    writeFileSync(at('key.pem'), ec.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: top, stdio: 'pipe' });
    openssl('req', '-x509', '-key', 'key.pem', '-subj', '/CN=x', '-days', '1', '-out', 'cert.pem');
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'key.pem',
      '-in',
      'cert.pem',
      '-passout',
      'pass:x',
      '-out',
      'key.p12',
    );
  });

  describe.each(Object.entries(WRAPPINGS))('%s', (_wrapping, wrap) => {
    // shorter than the shortest private key: base64 of it stands everywhere
    const long = Object.entries(FORMS).filter(
      ([, content]) => wrap === WRAPPINGS['as it is'] || content.length >= 30,
    );
    it.each(long)('%s is found', (_name, content) => {
      const octets = typeof content === 'string' ? Buffer.from(content) : content;
      const wrapped = wrap(octets);
      expect(privateKeyForm(typeof wrapped === 'string' ? Buffer.from(wrapped) : wrapped)).toBeDefined();
    });
  });

  it('PKCS#12 as OpenSSL writes it is found', async () => {
    const inside = mkdtempSync(join(top, 'p12-'));
    linkSync(join(top, 'key.p12'), join(inside, 'photo.jpg'));
    await expect(refusePfKeys({ dataDir: inside, keyFiles: [] })).rejects.toMatchObject({
      code: 'config.role-key',
    });
  });

  it.each([
    ['UTF-8 with its mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16, little end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, big end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['after other text', (text: string) => Buffer.from(`Bag Attributes\n${'x'.repeat(9_000)}\n${text}`)],
    [
      'after octets that are no text',
      (text: string) => Buffer.concat([bits('\x00\xff'.repeat(5_000)), Buffer.from(text)]),
    ],
  ])('PEM: %s', (_name, written) => {
    const pem = ec.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    expect(privateKeyForm(written(pem))).toBeDefined();
  });

  it.each(Object.entries(KEYS))('public keys of %s are no finding', (_name, { publicKey }) => {
    const publics = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify({ ...publicKey.export({ format: 'jwk' }), use: 'enc', alg: 'ECDH-ES' }),
    ];
    for (const content of publics)
      expect(privateKeyForm(typeof content === 'string' ? Buffer.from(content) : content)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
    [
      'an encrypted result',
      `${Buffer.from('{"alg":"ECDH-ES","enc":"A256GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`,
    ],
    ['a log', `${JSON.stringify({ level: 'info', event: 'server.listening', d: 'x' })}\n`.repeat(50)],
    ['octets that only begin like DER', bits('0\x82\x01\x00garbage')],
  ])('%s is no finding', (_name, content) => {
    expect(privateKeyForm(Buffer.from(content))).toBeUndefined();
  });

  it.each(['ES256', 'RS256'] as const)(
    'a client key of ours (%s) is no finding, alone or in its ring',
    async (alg) => {
      const key = await generateClientKey(alg);
      for (const content of [key, { active: key.kid, keys: [key] }, { ...key, use: undefined }])
        expect(privateKeyForm(Buffer.from(JSON.stringify(content)))).toBeUndefined();
      expect(privateKeyForm(Buffer.from(JSON.stringify({ ...key, use: 'enc' })))).toBeDefined();
      expect(privateKeyForm(Buffer.from(JSON.stringify({ ...key, alg: 'ECDH-ES' })))).toBeDefined();
    },
  );
});

describe('refusePfKeys', () => {
  const pem = ec.privateKey.export({ format: 'pem', type: 'pkcs8' });
  const outside = join(top, 'outside');
  beforeAll(() => {
    mkdirSync(join(outside, 'folder'), { recursive: true });
    writeFileSync(join(outside, 'folder/key'), pem);
  });
  const inFolder = (place: (folder: string) => void) => {
    const folder = mkdtempSync(join(top, 'case-'));
    place(folder);
    return folder;
  };
  const written = (path: string) => (folder: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), pem);
  };

  it.each([
    ['beside everything', written('notes.txt')],
    ['without a name to speak of', written('.x')],
    ['12 folders deep', written(`${'deeper/'.repeat(12)}key`)],
    ['named like a database elsewhere', written('old/sp.sqlite3')],
    ['named like another database', written('other.sqlite3')],
    ['a link to a file', (folder: string) => symlinkSync(join(outside, 'folder/key'), join(folder, 'link'))],
    ['a link to a folder', (folder: string) => symlinkSync(outside, join(folder, 'link'))],
    ['a hard link', (folder: string) => linkSync(join(outside, 'folder/key'), join(folder, 'hard'))],
    [
      'behind links in a circle',
      (folder: string) => {
        symlinkSync(folder, join(folder, 'a-circle'));
        written('z/key')(folder);
      },
    ],
  ])('%s: config.role-key', async (_name, place) => {
    const dataDir = inFolder(place);
    await expect(refusePfKeys({ dataDir, keyFiles: [] })).rejects.toMatchObject({ code: 'config.role-key' });
  });

  it('beside its key files too, and not below them', async () => {
    const dataDir = inFolder(() => undefined);
    const beside = inFolder(written('tls.key'));
    const below = inFolder(written('tls/tls.key'));
    const keyFiles = (folder: string) => [join(folder, 'client-key.json')];
    await expect(refusePfKeys({ dataDir, keyFiles: keyFiles(beside) })).rejects.toMatchObject({
      code: 'config.role-key',
      at: join(beside, 'tls.key'),
    });
    await expect(refusePfKeys({ dataDir, keyFiles: keyFiles(below) })).resolves.toBeUndefined();
  });

  it('everything that "jitsuin init" gives an sp may lie there; what it gives a pf may not', async () => {
    const dir = join(top, 'world');
    const url = (port: number) => `http://localhost:${port}`;
    const urls = { simulatorUrl: url(1), spUrl: url(2), govUrl: url(3), pfUrl: url(4) };
    await createWorld({ dir, seed: 'x', host: '127.0.0.1', ...urls });
    const place = (role: string) =>
      keyPaths({
        dataDir: join(dir, role),
        clientKeyFile: join(dir, role, 'client-key.json'),
        pfClientKeyFile: join(dir, role, 'pf-client-key.json'),
        sealKeyFile: join(dir, role, 'seal-key.json'),
        subjectKeyFile: join(dir, role, 'subject-key'),
      });
    await expect(refusePfKeys(place('sp'))).resolves.toBeUndefined();
    await expect(refusePfKeys(place('pf'))).rejects.toMatchObject({ code: 'config.role-key' });
  });

  it('goes past what it cannot read, what is no file, and what is not there', async () => {
    const dataDir = inFolder((folder) => {
      symlinkSync(join(folder, 'nowhere'), join(folder, 'broken'));
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      writeFileSync(join(folder, 'closed'), pem);
      chmodSync(join(folder, 'closed'), 0);
      if (process.getuid?.() === 0) rmSync(join(folder, 'closed'));
    });
    await expect(refusePfKeys({ dataDir, keyFiles: ['/nowhere/key.json'] })).resolves.toBeUndefined();
  });
});
