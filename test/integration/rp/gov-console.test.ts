import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { type ConsoleVisit, visitConsole } from '../../support/console-visit.ts';
import { freePorts } from '../../support/ports.ts';
import { ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';

describe('the console of an agency', () => {
  let world: RpWorld;
  let origin: string;
  let operator: ConsoleVisit;
  const ask: ConsoleVisit['ask'] = (...args) => operator.ask(...args);
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    origin = `http://localhost:${port}`;
    world = await startRpWorld('gov', { env: { JITSUIN_CONSOLE_PORT: String(port) } });
  });
  afterAll(() => world?.close());

  it('is entered by the link that `jitsuin operator invite` prints', async () => {
    operator = await visitConsole('gov', origin, world.env('gov'), 'operator');
    expect((await operator.ask('/console/records')).status).toBe(200);
  });

  it('shows an application with its checks and evidence, masked, and what is personal only with a reason', async () => {
    const query = `?${new URLSearchParams({ name: '転入届', external_id: 'case 0001' })}`;
    const application = await submitted(world, DOCUMENT, { query });
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const list = await (await ask('/console/records?status=TOTAL-PASSED')).text();
    expect(list).toMatch(new RegExp(`data-id="${application.id}"[^]*転入届[^]*case 0001`));
    const page = await (await ask(`/console/records/${application.id}`)).text();
    expect(page).toMatch(/data-check="signature-value" data-result="passed"/);
    expect(page).toContain('<svg id="path"');
    expect(page).toContain(`<code>${shippedFor('test').sha256}</code>`);
    expect(page).not.toMatch(/模擬 太郎|模擬市/);
    const fields = { reason: 'inquiry', reference: 'case-1' };
    const shown = await (await ask(`/console/records/${application.id}/personal`, fields)).text();
    expect(shown).toMatch(/data-personal="name">[^<]*模擬/);
    const evidence = await ask(`/console/records/${application.id}/evidence`, fields);
    expect(evidence.headers.get('content-disposition')).toContain(application.id);
    expect(await evidence.text()).toContain('jitsuin-evidence');
  });

  it('has no pages of what an agency does not have', async () => {
    for (const path of ['fees', 'tenants']) expect((await ask(`/console/${path}`)).status, path).toBe(404);
    expect((await ask('/console/keys')).status).toBe(403);
  });
});
