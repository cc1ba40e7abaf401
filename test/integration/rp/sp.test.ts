import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { JOSE } from '../../support/jose.ts';
import {
  api,
  applicationOf,
  ended,
  goToService,
  type RpWorld,
  sign,
  startRpWorld,
  submit,
  submitted,
} from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>MARK模擬𠮷田</氏名></届出>\n';

describe('sp, pf and the simulator, end to end', () => {
  let world: RpWorld;
  const pfLines: string[] = [];
  let closePf: () => Promise<void> = async () => undefined;

  async function startOperator(): Promise<void> {
    const config = readPfConfig(world.env('pf'));
    const log = createLog({ role: 'pf', destination: { write: (line: string) => void pfLines.push(line) } });
    const server = await startPf(config, { log });
    const worker = await startPfWorker(config, { log });
    closePf = async () => {
      await worker.close();
      await server.close();
    };
  }

  beforeAll(async () => {
    world = await startRpWorld('sp');
    await startOperator();
  });
  afterAll(async () => {
    await closePf();
    await world.close();
  });

  it('an application is signed, handed over, verified; the sp keeps verdict and receipt', async () => {
    const application = await submitted(world, DOCUMENT);
    expect((await sign(new Browser(), application.sign_url ?? '')).status).toBe(200);
    const done = await ended(world, application.id);
    expect(done.verdict).toMatchObject({ indication: 'TOTAL-PASSED' });
    expect(done.verdict?.signed_octets_sha256).toMatch(/^[0-9a-f]{64}$/);
    const answer = await api(world, `/v1/applications/${application.id}/receipt`);
    const receipt = (await answer.json()) as { receipt: string; verification_id: string };
    const claims = JSON.parse(Buffer.from(receipt.receipt.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.verification).toMatchObject({
      submission_id: application.id,
      result: 'OK',
      data: application.data,
      signed_octets_sha256: done.verdict?.signed_octets_sha256,
    });
  });

  it('an element chosen by the request is verified by the platform operator, not the configured one', async () => {
    const text = '<申請 xmlns:t="urn:t"><申請書>模擬</申請書><t:通知書>通知</t:通知書></申請>';
    const query = `?profile=guideline&element=${encodeURIComponent('{urn:t}通知書')}`;
    const application = await submitted(world, text, { query });
    expect(application.name).toBe('通知書');
    await sign(new Browser(), application.sign_url ?? '');
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('one correlation id from the request through the jobs to the operator’s logs', async () => {
    const id = '3f1e5a10-0000-4000-8000-00000000c0de';
    const made = await fetch(`${world.url}/v1/applications`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.apiKey}`,
        'content-type': 'application/xml',
        'idempotency-key': crypto.randomUUID(),
        'x-request-id': id,
      },
      // its own text: the same text by the same card is the same signature, and gets its first answer again
      body: DOCUMENT.replace('MARK', `MARK ${id} `),
    });
    const application = (await made.json()) as ApplicationView;
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const events = (lines: readonly string[]) =>
      lines.filter((line) => line.includes(id)).map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events(world.logLines)).toEqual(
      expect.arrayContaining([
        'application.transaction-opened',
        'application.encrypted-result',
        'application.verification-submitted',
        'application.verdict-reached',
      ]),
    );
    expect(events(pfLines)).toEqual(['verification.received', 'verification.decided']);
  });

  it('is told the same of one text signed twice by one person or by two persons', async () => {
    const told = async (persons: readonly string[], text: string) => {
      const own: unknown[] = [];
      const ids: string[] = [];
      for (const person of persons) {
        const { id, sign_url: url } = await submitted(world, DOCUMENT.replace('MARK', text));
        await sign(new Browser(), url ?? '', { person });
        const { verdict } = await ended(world, id);
        const answer = await api(world, `/v1/applications/${id}/receipt`);
        const receipt = (await answer.json()) as { receipt: string; verification_id: string };
        ids.push(id, receipt.verification_id);
        const claims = Buffer.from(receipt.receipt.split('.')[1] ?? '', 'base64url').toString();
        const { created_at: made, ...view } = await applicationOf(world, id);
        own.push(view, JSON.parse(claims), Date.parse(verdict?.decided_at ?? '') >= Date.parse(made));
      }
      return ids
        .reduce((all, id, at) => all.replaceAll(id, `<id ${at}>`), JSON.stringify(own))
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
        .replace(/"iat":\d+/g, '<iat>')
        .replace(/"identification_code":"[^"]+"/g, '<code>')
        .replace(/"data":"[^"]+"|\b[0-9a-f]{64}\b/g, '<of the text>');
    };
    const same = await told(['hanako', 'hanako'], 'ONE');
    expect(same.match(/"result":"OK"/g)).toHaveLength(2);
    expect(await told(['taro', 'hanako'], 'TWO')).toBe(same);
  });

  it('while the platform operator is away nothing is lost', async () => {
    await closePf();
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    expect((await ended(world, application.id, 'fetched')).state).toBe('fetched');
    await startOperator();
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('refusal and locked card end without a hand-off', async () => {
    const refused = await submitted(world, DOCUMENT);
    await sign(new Browser(), refused.sign_url ?? '', { outcome: 'refuse' });
    expect((await applicationOf(world, refused.id)).failure?.row).toBe('authorization-7');
    const locked = await submitted(world, DOCUMENT);
    await sign(new Browser(), locked.sign_url ?? '', { outcome: 'locked' });
    expect(await ended(world, locked.id)).toMatchObject({ state: 'refused', failure: { row: 'result-7' } });
  });

  it('a callback in parallel and again: one exchange, one verdict', async () => {
    const application = await submitted(world, DOCUMENT);
    const browser = new Browser();
    const callback = await goToService(browser, application.sign_url ?? '');
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.open(callback)));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([303]));
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('another browser with the same callback is refused and changes nothing', async () => {
    const application = await submitted(world, DOCUMENT);
    const callback = await goToService(new Browser(), application.sign_url ?? '');
    const page = await new Browser().open(callback);
    expect(page.status).toBe(400);
    expect(page.html).toContain('data-code="oidc.state"');
    expect((await applicationOf(world, application.id)).state).toBe('authorizing');
  });

  it('back-channel logout: 200, the session ends; a JSON body, GET and rubbish are refused', async () => {
    const application = await submitted(world, DOCUMENT);
    const browser = new Browser();
    const page = await sign(browser, application.sign_url ?? '', { person: 'hanako' });
    expect(page.html).toContain(application.identification_code);
    await ended(world, application.id);
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: world.clientId });
    // one for each session that this person has there, those of the tests before too
    expect(deliveries).not.toEqual([]);
    for (const delivery of deliveries) expect(delivery).toEqual({ clientId: world.clientId, status: 200 });
    const after = await browser.open(page.url);
    expect(after.html).not.toContain(application.identification_code);
    const url = `${world.url}/backchannel-logout`;
    const rubbish = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'a.b.c' }),
    });
    expect([rubbish.status, rubbish.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect((await fetch(url)).status).toBe(405);
    const json = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(400);
  });

  it('the same Idempotency-Key: one application; with another body: 422', async () => {
    const key = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 3 }, () => submit(world, DOCUMENT, { key })));
    const ids = new Set<string>();
    for (const answer of answers) {
      if (answer.status === 201) ids.add(((await answer.json()) as { id: string }).id);
      else expect(answer.status).toBe(409);
    }
    expect(ids.size).toBe(1);
    expect((await submit(world, '<other/>', { key })).status).toBe(422);
  });

  it('no octet that the sp wrote holds the document, a token, a result or a receipt in clear', () => {
    const folder = world.env('sp')['JITSUIN_DATA_DIR'] ?? '';
    const files = readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
    expect(files.some((path) => path.endsWith('.sqlite3'))).toBe(true);
    const written = [...files.map((path) => readFileSync(path)), Buffer.from(world.logLines.join(''))];
    expect(world.logLines.length).toBeGreaterThan(3);
    for (const octets of written) {
      expect(octets.includes('MARK模擬')).toBe(false);
      // every JWT, JWS and JWE in compact form begins so
      expect(octets.toString('latin1')).not.toMatch(JOSE);
    }
  });
});
