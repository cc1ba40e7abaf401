import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { OPEN_QUESTIONS, PROOFS_OF_FAILURE } from '../../../src/core/indications.ts';
import { etsiReport, type ReportFacts } from '../../../src/core/validation-report/etsi-report.ts';
import { sealedReport, validatorOf } from '../../../src/core/validation-report/seal-report.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { stampedExport } from '../../attacks/evidence/forger.ts';
import { notRun } from '../../support/not-run.ts';
import { anchorsPem, NOW } from '../../support/pf-signing.ts';
import { writeSignedArchive } from '../../support/signed-archive.ts';
import { evidenceFor, registry } from '../evidence/evidence-kit.ts';
import { tsa } from '../timestamp/tsa-kit.ts';

/** The schemas are ETSI's and not ours to ship: see the folder's README. */
const SCHEMAS = ['../../../shared/vectors/etsi-report', '/work/shared/vectors/etsi-report']
  .map((path) => (path.startsWith('/') ? path : new URL(path, import.meta.url).pathname))
  .find((path) => existsSync(path));
const XMLLINT = spawnSync('xmllint', ['--version']).status === 0;
const XMLSEC = spawnSync('xmlsec1', ['--version']).status === 0;
const place = mkdtempSync(join(tmpdir(), 'jitsuin-report-'));
const put = (name: string, octets: string | Uint8Array) => {
  writeFileSync(join(place, name), octets);
  return join(place, name);
};

function expectValid(report: string): void {
  if (SCHEMAS === undefined || !XMLLINT) {
    notRun('reports against the schema of TS 119 102-2', 'xmllint and shared/vectors/etsi-report');
    return;
  }
  const options = ['--nonet', '--noout', '--schema', join(SCHEMAS, 'TS119102-2-v141.xsd')];
  const run = spawnSync('xmllint', [...options, report], {
    encoding: 'utf8',
    env: { ...process.env, XML_CATALOG_FILES: join(SCHEMAS, 'catalog.xml') },
  });
  expect([run.status, run.status === 0 ? '' : run.stderr]).toEqual([0, '']);
}

async function jitsuin(...args: readonly string[]): Promise<number> {
  return main(args, {
    ...{ stdout: () => {}, stderr: () => {}, isTty: false, env: {} },
    signal: new AbortController().signal,
  });
}

const mainOf = (xml: string) => /<SignatureValidationStatus><MainIndication>([^<]+)</.exec(xml)?.[1];
const subOf = (xml: string) =>
  /<SignatureValidationStatus><MainIndication>[^<]+<\/MainIndication><SubIndication>([^<]+)</.exec(xml)?.[1];

describe('jitsuin verify --report-xml', () => {
  let made: ReturnType<typeof writeSignedArchive>;
  beforeAll(() => {
    mkdirSync(join(place, 'documents'));
    made = writeSignedArchive(place, 2);
  });

  async function reportOf(change: (text: string) => string, ...options: readonly string[]): Promise<string> {
    const file = put('one.xml', change(readFileSync(join(made.documents, '000001.xml'), 'utf8')));
    const out = join(place, 'report.xml');
    const page = join(place, 'report.html');
    const reports = ['--report-xml', out, '--report-html', page];
    await jitsuin('verify', file, '--trust', made.trust, '--at', made.at, ...options, ...reports);
    expectValid(out);
    const inside = Buffer.from(readFileSync(out)).toString('base64');
    expect(readFileSync(page, 'utf8')).toContain(`data:application/xml;base64,${inside}`);
    expect(readFileSync(page, 'utf8')).toContain('data-sealed="no"');
    return readFileSync(out, 'utf8');
  }
  const same = (text: string) => text;

  it.each<[string, (text: string) => string, () => readonly string[], string, string | undefined]>([
    ['good', same, () => ['--crl', made.crl], 'total-passed', undefined],
    ['without a list', same, () => [], 'indeterminate', 'TRY_LATER'],
    [
      'altered',
      (text) => text.replace('申請の理由 3', '申請の理由 4'),
      () => [],
      'total-failed',
      'HASH_FAILURE',
    ],
    ['no XML', () => '<a', () => [], 'total-failed', 'FORMAT_FAILURE'],
    ['unsigned', () => '<a/>', () => [], 'total-failed', 'FORMAT_FAILURE'],
  ])('%s: valid by the schema, in the words of the standard', async (_, change, options, indication, sub) => {
    const xml = await reportOf(change, ...options());
    expect(mainOf(xml)).toBe(`urn:etsi:019102:mainindication:${indication}`);
    expect(subOf(xml)).toBe(sub === undefined ? undefined : `urn:etsi:019102:subindication:${sub}`);
    expect(xml).toContain('<TypeOfProof>urn:etsi:019102:poetype:provided</TypeOfProof>');
  });

  it('names certificates by their digests, with nothing personal; is for one FILE', async () => {
    const xml = await reportOf(same, '--crl', made.crl);
    expect(xml.match(/<ObjectType>urn:etsi:019102:validationObject:[a-zA-Z]+/g)).toHaveLength(3);
    for (const personal of ['<base64>', '山田', 'JP', 'X509']) expect(xml).not.toContain(personal);
    expect(await jitsuin('verify', made.documents, '--trust', made.trust, '--report-xml', 'x')).toBe(2);
    expect(await jitsuin('verify', made.documents, '--trust', made.trust, '--report-html', 'x')).toBe(2);
  });
});

describe('jitsuin evidence verify --report-xml', () => {
  const trust = [
    ...[
      '--trust',
      put('jpki.pem', anchorsPem(registry)),
      '--tsa-trust',
      put('tsa.pem', toPem(tsa.rootCertificate)),
    ],
    ...['--at', '2026-11-22T05:00:00Z'],
  ];
  async function reportOf(octets: Uint8Array, ...options: readonly string[]): Promise<string> {
    const out = join(place, 'evidence-report.xml');
    await jitsuin(
      'evidence',
      'verify',
      put('record.json', octets),
      ...trust,
      ...options,
      '--report-xml',
      out,
    );
    expectValid(out);
    return readFileSync(out, 'utf8');
  }

  it('a proven record: passed at the proven time, with the time-stamp that proves it', async () => {
    const xml = await reportOf(stampedExport(evidenceFor('good').octets, NOW));
    expect(mainOf(xml)).toBe('urn:etsi:019102:mainindication:total-passed');
    expect(xml).toContain('urn:etsi:019102:validationprocess:LTA');
    const [, object = ''] = /<POEObject VOReference="([^"]+)"/.exec(xml) ?? [];
    expect(xml).toContain(
      `<ValidationObject id="${object}"><ObjectType>urn:etsi:019102:validationObject:timestamp`,
    );
    expect(xml).toContain('<DAIdentifier>good</DAIdentifier>');
  });

  it('negative, unproved, believed and altered', async () => {
    expect(subOf(await reportOf(stampedExport(evidenceFor('revoked', 'revoked').octets, NOW)))).toBe(
      'urn:etsi:019102:subindication:REVOKED_NO_POE',
    );
    const bare = evidenceFor('bare').octets;
    expect(mainOf(await reportOf(bare))).toBe('urn:etsi:019102:mainindication:indeterminate');
    const believed = await reportOf(bare, '--believe-instant');
    expect(mainOf(believed)).toBe('urn:etsi:019102:mainindication:total-passed');
    expect(believed).toContain('urn:etsi:019102:poetype:provided');
    const altered = Buffer.from(Buffer.from(bare).toString('utf8').replace('"id":"bare"', '"id":"evil"'));
    expect(subOf(await reportOf(altered))).toBe('urn:etsi:019102:subindication:NO_POE');
  });
});

describe('the XML itself', () => {
  const facts = (over: Partial<ReportFacts> = {}): ReportFacts => ({
    report: { indication: 'TOTAL-PASSED', validationTime: NOW as EpochMillis, checks: [] },
    process: 'Basic',
    ...over,
  });

  it('every indication and every sub-indication of the standard is valid', () => {
    const all = [...PROOFS_OF_FAILURE, ...OPEN_QUESTIONS].map((subIndication) =>
      facts({
        report: {
          ...{ indication: 'INDETERMINATE', subIndication, validationTime: NOW as EpochMillis },
          checks: [
            { name: 'a', result: 'indeterminate', subIndication, code: 'x.y', detail: '<&">\u0000\ud800' },
            { name: 'b', result: 'not-reached' },
          ],
        },
        details: true,
      }),
    );
    const xml = etsiReport(all);
    expectValid(put('all.xml', xml));
    expect(xml.match(/id="S-[0-9]+"/g)).toHaveLength(all.length);
    expect(xml).toContain('&lt;&amp;"&gt;\uFFFD\uFFFD');
  });

  it('sealed by the operator: valid, and verified by stock software with the published key only', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...(publicKey.export({ format: 'jwk' }) as Record<string, string>), kid: 'k1' };
    const signOctets = async (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    const xml = await sealedReport(etsiReport([facts()], validatorOf(jwk)), { jwk, signOctets });
    const file = put('sealed.xml', xml);
    expectValid(file);
    if (!XMLSEC) {
      notRun('the seal of a report under xmlsec1', 'xmlsec1');
      return;
    }
    const key = put('key.pem', publicKey.export({ format: 'pem', type: 'spki' }));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const stranger = put('other.pem', other.export({ format: 'pem', type: 'spki' }));
    const verify = (pem: string, path: string) =>
      spawnSync('xmlsec1', ['--verify', '--enabled-key-data', 'key-name', '--pubkey-pem:k1', pem, path])
        .status;
    expect(verify(key, file)).toBe(0);
    expect(verify(stranger, file)).not.toBe(0);
    const changed = put('changed.xml', xml.replace('total-passed', 'total-failed'));
    expect(verify(key, changed)).not.toBe(0);
  });
});
