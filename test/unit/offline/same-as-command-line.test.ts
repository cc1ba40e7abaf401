import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { offlinePage, offlineScript } from '../../../scripts/offline.mjs';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import { main } from '../../../src/cli/main.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { toBase64, toUtf8 } from '../../../src/core/encoding.ts';
import { verifierText } from '../../../src/core/transparency/signed-note.ts';
import { readGiven } from '../../../src/offline/given.ts';
import type { Asked, Beside, GivenFile, judge as judgeType } from '../../../src/offline/judge.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { contentOf, forgedRecord, stampedExport, withField } from '../../attacks/evidence/forger.ts';
import { anchorsPem, NOW } from '../../support/pf-signing.ts';
import { APPLICATION, PROFILES } from '../../support/xmldsig/documents.ts';
import { FORM_SAMPLES, signSample } from '../../support/xmldsig/forms.ts';
import { testCrl, testRoot, testSigner } from '../../support/xmldsig/signers.ts';
import { ecdsa, replaceOnce, resign, rsa, rsaPss, signDocument } from '../../support/xmldsig/signing.ts';
import { MOVED, partsOf, XSW } from '../../support/xmldsig/wrapping.ts';
import { evidenceFor, registry } from '../evidence/evidence-kit.ts';
import { tokenOver, tsa } from '../timestamp/tsa-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-offline-'));
const AT = '2026-11-22T09:00:00Z';
const at = Date.parse(AT);
let judge: typeof judgeType;

beforeAll(async () => {
  const file = join(folder, 'judge.mjs');
  writeFileSync(file, (await offlineScript('judge')).code);
  ({ judge } = await import(pathToFileURL(file).href));
});

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const given = (path: string): GivenFile => ({
  name: basename(path),
  octets: new Uint8Array(readFileSync(path)),
});

async function commandLine(...args: readonly string[]) {
  let out = '';
  const stdout = (text: string) => {
    out += text;
  };
  const io = { stdout, stderr: () => {}, isTty: false, env: {}, signal: new AbortController().signal };
  return { status: await main(args, io), out };
}

/** Both ways of printing, and the exit status. */
async function expectSame(args: readonly string[], asked: Asked, name: string): Promise<string> {
  const [text, json] = [await commandLine(...args), await commandLine(...args, '--json')];
  const told = judge(asked);
  expect([told.status, told.text, told.json], name).toEqual([text.status, text.out, json.out]);
  return told.text.split('\n')[0] ?? '';
}

const ROOT = () => put('root.pem', toPem(testRoot().certificateDer));
const CRL = (revoked: boolean) => put(`${revoked}.crl`, testCrl({ revoked }));

async function sameOfDocument(
  document: string | Uint8Array,
  profile: (typeof PROFILES)[number],
  more: {
    readonly args?: readonly string[];
    readonly beside?: Partial<Beside>;
    readonly explain?: boolean;
  } = {},
  name = '',
): Promise<string> {
  const file = put('document.xml', document);
  const [root, crl] = [ROOT(), CRL(false)];
  const rules = ['--trust', root, '--crl', crl, '--policy', 'general', '--at', AT];
  const { args = [], explain = false } = more;
  const told = explain ? ['--explain'] : [];
  const beside = { trust: [given(root)], crls: [given(crl)], policy: 'general', at, ...more.beside };
  const asked: Asked = { kind: 'document', file: given(file), profile, explain, beside };
  return expectSame(['verify', file, '--profile', profile, ...rules, ...told, ...args], asked, name);
}

describe('the script of the page judges as the command line prints', () => {
  describe.each(PROFILES)('profile %s', (profile) => {
    const signed = signDocument(APPLICATION, profile);

    it('what is right, what was changed, and every document of the wrapping attacks', async () => {
      expect(await sameOfDocument(signed, profile)).toBe('TOTAL-PASSED');
      const changed = replaceOnce(signed, '2025/02/04', '2026/02/04');
      expect(await sameOfDocument(changed, profile, { explain: true })).toContain('xmldsig.digest');
      for (const [name, attack] of Object.entries({ ...XSW, ...MOVED }))
        expect(await sameOfDocument(attack(partsOf(signed, 'same')), profile, {}, name)).not.toBe(
          'TOTAL-PASSED',
        );
    });

    it('octets that are no document, and a signature that is none', async () => {
      for (const wrong of ['', '<a', '<a/>', '\u0000', Uint8Array.of(0xff, 0xfe, 0x3c, 0), `${signed}<b/>`])
        expect(await sameOfDocument(wrong, profile, { explain: true })).not.toBe('TOTAL-PASSED');
      const value = replaceOnce(signed, /<SignatureValue>..../, '<SignatureValue>AAAA');
      expect(await sameOfDocument(value, profile, { explain: true })).toContain('xmldsig.signature');
    });
  });

  it('every algorithm and kind of key, also those that are refused', async () => {
    const uri = 'http://www.w3.org/2001/04/xmldsig-more#';
    const later = 'http://www.w3.org/2007/05/xmldsig-more#';
    const card = `${uri}rsa-sha256`;
    const ways = [
      ['rsa', card, rsa('sha256')],
      ['rsa', `${uri}rsa-sha384`, rsa('sha384')],
      ['rsa', `${uri}rsa-sha512`, rsa('sha512')],
      ['rsa', `${later}sha256-rsa-MGF1`, rsaPss('sha256')],
      ['rsa', `${later}sha512-rsa-MGF1`, rsaPss('sha512')],
      ['rsa', card, rsaPss('sha256')],
      ['rsa', `${later}sha256-rsa-MGF1`, rsa('sha256')],
      ['rsa', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', rsa('sha1')],
      ['p256', `${uri}ecdsa-sha256`, ecdsa('sha256')],
      ['p256', `${uri}ecdsa-sha256`, ecdsa('sha256', 'der')],
      ['p384', `${uri}ecdsa-sha384`, ecdsa('sha384')],
      ['p384', `${uri}ecdsa-sha256`, ecdsa('sha256')],
      ['p256', `${uri}ecdsa-sha384`, ecdsa('sha256')],
      ['p521', `${uri}ecdsa-sha256`, ecdsa('sha256')],
      ['rsa-1024', card, rsa('sha256')],
      ['rsa-e3', card, rsa('sha256')],
    ] as const;
    const signed = signDocument(APPLICATION, 'enveloped');
    const heads: string[] = [];
    for (const [kind, algorithm, signing] of ways) {
      const own = toBase64(testSigner('rsa').certificateDer);
      const base = signed.replaceAll(/\s/g, ' ').includes(own)
        ? own
        : /<X509Certificate>([^<]+)</.exec(signed)?.[1];
      const certified = signed.replace(base ?? '', () => toBase64(testSigner(kind).certificateDer));
      const document = resign(certified.replace(card, algorithm), { signer: kind, signing });
      heads.push(await sameOfDocument(document, 'enveloped', { explain: true }, `${kind} ${algorithm}`));
    }
    expect(heads.filter((head) => head === 'TOTAL-PASSED').length).toBeGreaterThanOrEqual(7);
    expect(heads.filter((head) => head !== 'TOTAL-PASSED').length).toBeGreaterThanOrEqual(6);
  });

  it('revoked, without a list, of another authority, at another time, by every shipped policy', async () => {
    const signed = signDocument(APPLICATION, 'enveloped');
    const file = put('rules.xml', signed);
    const other = put('other.pem', anchorsPem(registry));
    const [root, good, bad] = [ROOT(), CRL(false), CRL(true)];
    const cases: readonly [readonly string[], Partial<Beside>][] = [
      [['--crl', bad], { crls: [given(bad)] }],
      [[], {}],
      [['--no-revocation'], { noRevocation: true }],
      [['--trust', other, '--crl', good], { trust: [given(root), given(other)], crls: [given(good)] }],
      [['--crl', good, '--policy', 'jpki'], { crls: [given(good)], policy: 'jpki' }],
      [['--crl', good, '--at', '2046-01-01T00:00:00Z'], { crls: [given(good)], at: Date.UTC(2046, 0, 1) }],
      [['--crl', good, '--at', '2006-01-01T00:00:00Z'], { crls: [given(good)], at: Date.UTC(2006, 0, 1) }],
    ];
    const heads = new Set<string>();
    for (const [more, beside] of cases) {
      const usual = [
        ...(more.includes('--at') ? [] : ['--at', AT]),
        ...(more.includes('--policy') ? [] : ['--policy', 'general']),
      ];
      const args = ['verify', file, '--trust', root, ...usual, ...more];
      const all = { trust: [given(root)], at, policy: 'general', ...beside };
      const asked: Asked = { kind: 'document', file: given(file), profile: 'enveloped', beside: all };
      heads.add(await expectSame(args, asked, more.join(' ')));
    }
    expect(heads.size).toBeGreaterThan(3);
  });

  it('a time-stamp beside it', async () => {
    const signed = toUtf8(signDocument(APPLICATION, 'enveloped'));
    const token = put('stamp.tst', tokenOver(signed));
    const authority = put('tsa.pem', toPem(tsa.rootCertificate));
    const args = ['--timestamp', token, '--tsa-trust', authority];
    const beside = { timeStamps: [given(token)], tsaTrust: [given(authority)] };
    await sameOfDocument(signed, 'enveloped', { args, beside });
  });

  it('a file with its signature beside it', async () => {
    const file = put('terms.pdf', 'terms');
    const wrong = put('other.pdf', 'other terms');
    const signer = testSigner('p384');
    const prepared = rsa('sha256')(toUtf8('terms'), testSigner('rsa').privateKey);
    const value = put('value.bin', prepared);
    const certificate = put('signer.der', testSigner('rsa').certificateDer);
    const foreign = put('foreign.der', signer.certificateDer);
    const root = ROOT();
    const heads: string[] = [];
    for (const [octets, signed] of [
      [file, certificate],
      [wrong, certificate],
      [file, foreign],
    ] as const) {
      const rules = ['--trust', root, '--no-revocation', '--policy', 'general', '--at', AT, '--explain'];
      const beside = { trust: [given(root)], noRevocation: true, policy: 'general', at };
      const args = [
        'verify',
        octets,
        '--detached',
        '--signature-value',
        value,
        '--certificate',
        signed,
        ...rules,
      ];
      const pair = { value: given(value), certificate: given(signed) };
      heads.push(
        await expectSame(args, { kind: 'file', file: given(octets), ...pair, explain: true, beside }, octets),
      );
    }
    expect([heads[0], heads[1]]).toEqual(['TOTAL-PASSED', expect.stringContaining('TOTAL-FAILED')]);
  });

  it.each(FORM_SAMPLES.map((sample) => [sample.form, sample] as const))(
    'a document in the form %s',
    async (_, sample) => {
      const { text, documentName = 'document.xml' } = signSample(sample);
      const file = put(documentName, text);
      const files = sample.files.map(([name, content]) => [name, put(name, content)] as const);
      const [root, crl] = [ROOT(), CRL(false)];
      const beside = { trust: [given(root)], crls: [given(crl)], policy: 'general', at };
      for (const some of [files, []]) {
        const named = some.flatMap(([name, path]) => ['--file', `${name}=${path}`]);
        const rules = ['--trust', root, '--crl', crl, '--policy', 'general', '--at', AT];
        const args = ['verify', file, '--form', sample.form, ...named, ...rules];
        const asked = { kind: 'form', file: given(file), form: sample.form, beside } as const;
        const head = await expectSame(
          args,
          { ...asked, files: some.map(([, path]) => given(path)) },
          sample.form,
        );
        if (some.length === files.length) expect(head).toBe('TOTAL-PASSED');
      }
    },
  );

  it('evidence: proved, believed, negative, altered, forged', async () => {
    const [trust, authority] = [
      put('jpki.pem', anchorsPem(registry)),
      put('tsa-root.pem', toPem(tsa.rootCertificate)),
    ];
    const good = evidenceFor('good').octets;
    const records = {
      bare: good,
      stamped: stampedExport(good, NOW),
      revoked: stampedExport(evidenceFor('bad', 'revoked').octets, NOW),
      altered: toUtf8(Buffer.from(good).toString().replace('"result":"OK"', '"result":"NG"')),
      forged: stampedExport(forgedRecord(withField(contentOf(good), 'id', () => 'another')), NOW),
      none: toUtf8('{}'),
    };
    const heads = new Set<string>();
    for (const [name, octets] of Object.entries(records)) {
      const file = put(`${name}.json`, octets);
      for (const [more, tsaTrust, believeInstant] of [
        [[], [], false],
        [['--tsa-trust', authority], [given(authority)], false],
        [['--believe-instant'], [], true],
      ] as const) {
        const args = ['evidence', 'verify', file, '--trust', trust, '--at', AT, ...more];
        const beside = { trust: [given(trust)], tsaTrust, at };
        heads.add(
          await expectSame(args, { kind: 'evidence', file: given(file), believeInstant, beside }, name),
        );
      }
    }
    expect(heads.size).toBeGreaterThan(4);
  });

  it('a receipt and its proof of the public log', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const signer = { name: 'log.example.jp/jitsuin', type: 'log', privateKey } as const;
    const log = await openPublicLog({
      folder: join(folder, 'tlog'),
      signer,
      blindKey: Buffer.alloc(32, 3),
      leastBatch: 1,
      witnesses: [],
    });
    const item = { kind: 'receipt', id: 'id-1', content: 'RECEIPT-1' } as const;
    const until = NOW as EpochMillis;
    await log.append(until, [item], { until });
    const proof = put('proof.json', JSON.stringify(await log.proof(item)));
    const key = verifierText(signer);
    const heads: string[] = [];
    for (const content of ['RECEIPT-1\n', '{"receipt":"RECEIPT-1"}', 'RECEIPT-2']) {
      const file = put('receipt.jws', content);
      const asked = {
        kind: 'receipt',
        file: given(file),
        proof: given(proof),
        log: key,
        witnesses: [],
      } as const;
      heads.push(await expectSame(['log', 'verify', file, '--proof', proof, '--log', key], asked, content));
    }
    expect(heads.map((head) => head.slice(0, 6))).toEqual(['In the', 'In the', 'Not sh']);
  });
});

describe('the page', () => {
  it('is one file of at most 400 KB that its own policy keeps off every network, made the same each time', async () => {
    const [page, again] = [await offlinePage(), await offlinePage()];
    expect(again).toBe(page);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(400 * 1024);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(policy.startsWith("default-src 'none'; script-src 'sha256-")).toBe(true);
    expect(policy.replace('; img-src data:', '')).not.toMatch(/unsafe|https?:|data:|blob:|\*/);
    const own = /<script type="module">(.*)<\/script>/s.exec(page)?.[1] ?? '';
    expect(own.length).toBeGreaterThan(100_000);
    expect(policy).toContain(`'sha256-${createHash('sha256').update(own).digest('base64')}'`);
    expect(page).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|\bimport\(|\beval\(/);
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it('holds nothing of others but the libraries of the primitives', async () => {
    const { packages } = await offlineScript('page');
    expect(packages).toEqual(['@noble/curves', '@noble/hashes', 'micro-rsa-dsa-dh']);
  });
});

describe('jitsuin verify --html', () => {
  it('writes the page with the case in it, which the page judges as it was judged', async () => {
    const file = put('kept.xml', signDocument(APPLICATION, 'enveloped'));
    const [root, crl, out] = [ROOT(), CRL(false), join(folder, 'kept.html')];
    const rules = ['--trust', root, '--crl', crl, '--policy', 'general', '--at', AT, '--html', out];
    const printed = await commandLine('verify', file, ...rules);
    expect(printed.status).toBe(0);
    const data = /<script type="application\/json" id="given">(.*?)<\/script>/s.exec(
      readFileSync(out, 'utf8'),
    )?.[1];
    const { kept } = readGiven(data ?? '');
    expect(kept?.told).toEqual({ status: 0, text: printed.out });
    expect(kept === undefined ? undefined : judge(kept.asked).text).toBe(printed.out);
  });

  it('is for one document, and not for what came on standard input', async () => {
    const file = put('kept.xml', signDocument(APPLICATION, 'enveloped'));
    const out = ['--html', join(folder, 'none.html'), '--no-revocation'];
    expect((await commandLine('verify', file, file, '--trust', ROOT(), ...out)).status).toBe(2);
    expect(
      (await commandLine('verify', file, '--form', 'egov-standard', '--trust', ROOT(), ...out)).status,
    ).toBe(2);
  });
});
