import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { operatorInvite } from '../../../src/cli/operator.ts';
import { freePorts } from '../../support/ports.ts';
import { SoftwareAuthenticator } from '../../support/software-authenticator.ts';
import { ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';

describe('the console of an agency', () => {
  let world: RpWorld;
  let origin: string;
  let cookie = '';
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    origin = `http://localhost:${port}`;
    world = await startRpWorld('gov', { env: { JITSUIN_CONSOLE_PORT: String(port) } });
  });
  afterAll(() => world?.close());

  const ask = async (path: string, fields?: Readonly<Record<string, string>>) => {
    const body = fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) };
    const answer = await fetch(`${origin}${path}`, {
      ...body,
      redirect: 'manual',
      headers: { Cookie: cookie, Origin: origin },
    });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      if (!pair.endsWith('=')) cookie = pair;
    }
    return answer;
  };

  it('is entered by the link that `jitsuin operator invite` prints', async () => {
    const said: string[] = [];
    const io = { stdout: (text: string) => void said.push(text), stderr: () => undefined, isTty: false };
    const signal = new AbortController().signal;
    const args = ['--at', 'gov', '--role', 'operator', '--name', '模擬 花子'];
    const env = { ...world.env('gov'), JITSUIN_CONSOLE_PORT: new URL(origin).port };
    expect(await operatorInvite.run(args, { ...io, env, signal })).toBe(0);
    const [link = ''] = said.join('').split('\n');
    expect(link).toContain(`${origin}/console/enrol#`);
    const page = await (await ask('/console/enrol', { code: link.split('#')[1] ?? '' })).text();
    const options = JSON.parse((/data-options="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&quot;', '"'));
    const answer = new SoftwareAuthenticator().create({
      ...{ rpId: 'localhost', origin, challenge: options.challenge },
    });
    const entered = await ask('/console/enrol/passkey', { passkey: answer });
    expect(entered.headers.get('location')).toBe('/console');
    expect((await ask('/console/records')).status).toBe(200);
  });

  it('shows an application with its checks and evidence, masked, and what is personal only with a reason', async () => {
    const application = await submitted(world, DOCUMENT, { query: '?name=MARK-name' });
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const list = await (await ask('/console/records?status=TOTAL-PASSED')).text();
    expect(list).toContain(`data-id="${application.id}"`);
    const page = await (await ask(`/console/records/${application.id}`)).text();
    expect(page).toMatch(/data-check="signature-value" data-result="passed"/);
    expect(page).toContain('<svg id="path"');
    expect(page).not.toMatch(/MARK-name|模擬 太郎|模擬市/);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const fields = { csrf, reason: 'inquiry', reference: 'case-1' };
    const shown = await (await ask(`/console/records/${application.id}/personal`, fields)).text();
    expect(shown).toContain('MARK-name');
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
