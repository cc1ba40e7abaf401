import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore, type Store } from '../../../src/adapters/store/open-store.ts';
import { main } from '../../../src/cli/main.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { checkExported } from '../../../src/roles/signature-verifier/check-exported.ts';
import { shownAgeing } from '../../../src/roles/signature-verifier/shown-ageing.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { evidencePeriod, stampedOctets } from '../../../src/verifier/evidence/evidence-time.ts';
import { stampedExport } from '../../attacks/evidence/forger.ts';
import { type ConsoleKit, consoleKit, FAKE_RECORDS, type Visitor } from '../../support/console-kit.ts';
import { anchorsPem, NOW } from '../../support/pf-signing.ts';
import { evidenceFor, registry, trustAnchors } from '../evidence/evidence-kit.ts';
import { statusAt, tokenOver, tsa, tsaAnchors } from '../timestamp/tsa-kit.ts';

const AT = (NOW + 3_600_000) as EpochMillis;
const YEAR = 365 * 86_400_000;
const dir = mkdtempSync(join(tmpdir(), 'jitsuin-same-'));
const file = (name: string, octets: string | Uint8Array) => {
  writeFileSync(join(dir, name), octets);
  return join(dir, name);
};
let store: Store;
let kit: ConsoleKit;
let auditor: Visitor;

/** A period of its own for each record, whose authority and algorithms end at different times. */
async function stamp(years: number, algorithms: readonly ('sha256' | 'rsa-2048')[]): Promise<void> {
  const { archive } = store;
  const links = await archive.uncovered(10);
  const [link] = links;
  if (link === undefined) throw new Error('nothing waits');
  const period = evidencePeriod((await archive.lastPeriod()) + 1, [link.sha256], link.hash);
  const empty = { ...period, tokens: [], revocation: [], trees: [] };
  await archive.close(
    {
      ...empty,
      firstSeq: link.seq,
      lastSeq: link.seq,
      algorithms,
      tokens: [tokenOver(stampedOctets(empty, 1), { at: NOW })],
      validUntil: (NOW + years * YEAR) as EpochMillis,
      revocation: [statusAt(1, NOW)].map((known) => ({ ...known, at: NOW as EpochMillis })),
    },
    [],
  );
}

beforeAll(async () => {
  createSealKey(join(dir, 'pf.seal-key.json'));
  const sealer = openFileSealer(join(dir, 'pf.seal-key.json'));
  store = await openStore({ dataDir: dir, role: 'pf', sealer, clock: systemClock });
  for (const [id, years, algorithms] of [
    ['one', 9, ['sha256']],
    ['two', 8, ['sha256', 'rsa-2048']],
    ['three', 2, ['sha256']],
  ] as const) {
    await store.evidence.put(id, 'alpha', evidenceFor(id).octets);
    await stamp(years, algorithms);
  }
  const trust = { trustAnchors, tsaTrustAnchors: tsaAnchors() };
  kit = await consoleKit({
    ageing: shownAgeing(store.archive),
    records: { ...FAKE_RECORDS, checkEvidence: (octets) => checkExported(octets, trust, AT) },
  });
  auditor = await kit.visitor('auditor');
});
afterAll(async () => {
  await kit.close();
  await store.close();
});

async function jitsuin(...args: readonly string[]) {
  let out = '';
  await main(args, {
    stdout: (text) => {
      out += text;
    },
    ...{ stderr: () => {}, isTty: false, env: { JITSUIN_DATA_DIR: dir } },
    signal: new AbortController().signal,
  });
  return JSON.parse(out);
}

const all = (text: string, form: RegExp) => [...text.matchAll(form)].map(([, one = '']) => one);

describe('the page of ageing evidence', () => {
  it.each([undefined, '2029-01-01', '2033-01-01'])('says what the command says, before %s', async (day) => {
    const filter = day === undefined ? [] : ['--before', `${day}T00:00:00+09:00`];
    const said: readonly Record<string, unknown>[] = await jitsuin('evidence', 'ageing', '--json', ...filter);
    const query = day === undefined ? '' : `?before=${day}`;
    const page = await (await kit.get(`/console/ageing${query}`, auditor)).text();
    const rows = page.split('<tr data-period=').slice(1);
    expect(rows.length).toBe(said.length);
    for (const [index, row] of rows.entries()) {
      const { period, records, provable_until, ends_by, tree, authority } = said[index] ?? {};
      expect(row).toMatch(`"${String(period)}" data-ends-by="${String(ends_by)}"`);
      expect(row).toContain(`datetime="${String(provable_until)}"`);
      expect(row).toContain(
        `<td>${String(period)}</td><td>${String(records)}</td><td><code>${String(tree)}</code>`,
      );
      expect(row).toContain(String(authority));
    }
  });

  it('the first to end first, by a certificate or by an algorithm under it', async () => {
    const page = await (await kit.get('/console/ageing', auditor)).text();
    expect(all(page, /data-period="([0-9]+)"/g)).toEqual(['3', '2', '1']);
    expect(all(page, /data-ends-by="([a-z0-9-]+)"/g)).toEqual(['certificate', 'rsa-2048', 'certificate']);
  });
});

describe('the page that checks evidence', () => {
  const GOOD = stampedExport(evidenceFor('same-good').octets, NOW);
  const altered = Buffer.from(
    Buffer.from(GOOD).toString('utf8').replace('"id":"same-good"', '"id":"same-evil"'),
  );
  const trust = () => [
    ...['--trust', file('jpki.pem', anchorsPem(registry))],
    ...['--tsa-trust', file('tsa.pem', toPem(tsa.rootCertificate)), '--at', new Date(AT).toISOString()],
  ];

  it.each([
    ['valid', GOOD],
    ['negative', stampedExport(evidenceFor('same-revoked', 'revoked').octets, NOW)],
    ['not-provable', evidenceFor('same-bare').octets],
    ['altered', altered],
  ] as const)('%s: page and audit record say what the command says', async (outcome, octets) => {
    const said = await jitsuin('evidence', 'verify', file('one.json', octets), '--json', ...trust());
    expect(said.outcome).toBe(outcome);
    const answer = await kit.upload('/console/evidence', auditor, new Uint8Array(octets));
    const page = await answer.text();
    const { basis, id, result, verdict, time, signed_octets_sha256 } = said;
    expect(page).toContain(`data-outcome="${outcome}" data-basis="${basis}"`);
    const told = [
      id === undefined ? '' : `<code>${id}</code>`,
      verdict?.sub_indication === undefined ? '' : `<code>${verdict.sub_indication}</code>`,
      time?.proven_at === undefined ? '' : `datetime="${time.proven_at}"`,
      time?.valid_until === undefined ? '' : `datetime="${time.valid_until}"`,
      signed_octets_sha256 ?? '',
    ];
    for (const part of told) expect(page).toContain(part);
    const checks: readonly { name: string; result: string }[] = verdict?.checks ?? [];
    const shown = [...page.matchAll(/data-check="([a-z0-9-]+)" data-result="([a-z-]+)"/g)];
    const failed = (said.integrity.checks as typeof checks).filter((check) => check.result === 'failed');
    expect(shown.map(([, name, word]) => [name, word])).toEqual(
      [...failed, ...checks].map((check) => [check.name, check.result]),
    );
    const [noted] = await kit.store.audit.page({ event: 'evidence.checked', limit: 1 });
    expect([noted?.subject, noted?.facts]).toEqual([
      id ?? '',
      {
        operator: expect.any(String),
        outcome,
        basis,
        ...(result === undefined ? {} : { result }),
        ...(time?.proven_at === undefined ? {} : { provenAt: time.proven_at }),
        ...(verdict === undefined ? {} : { indication: verdict.indication }),
        ...(verdict?.sub_indication === undefined ? {} : { subIndication: verdict.sub_indication }),
      },
    ]);
  });
});
