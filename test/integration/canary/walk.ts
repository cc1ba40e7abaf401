import { Browser } from '../../../src/cli/demo/browser.ts';
import type { SimulatedEndpoint } from '../../../src/simulator/auth-and-sign/faults.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { type ApiAccess, api, ended, goToService, sign, submitted } from '../rp/world.ts';
import type { CanaryWorld } from './canary-world.ts';

export const DOCUMENT_MARK = 'MARK-模擬申請-𠮷田-0123456789';
const DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>${DOCUMENT_MARK}</氏名></届出>\n`;
const PERSON = { person: 'hanako' } as const;

/** Good ways and bad ones through every role; gives the DER of the certificate that signed at the agency. */
export async function walkEverything(canary: CanaryWorld): Promise<Uint8Array> {
  for (const party of [canary.sp, canary.gov]) {
    await logIn(canary, party);
    await signAndRead(party);
    await refuseAndFail(canary, party);
  }
  await Promise.all([canary.sp, canary.gov].map((party) => strangers(party)));
  await canary.simulator.logout({ person: 'hanako' });
  return certificateAt(canary.gov);
}

async function logIn(canary: CanaryWorld, { url }: ApiAccess): Promise<void> {
  const browser = new Browser();
  const callback = await driveCitizen((await browser.open(`${url}/login`)).location ?? '', PERSON);
  await browser.open(callback);
  const account = await browser.open(`${url}/account`);
  if (!account.html.includes('data-state="logged-in"')) throw new Error('nobody is logged in');
  await browser.submit(account, '/account/refresh');
  await new Browser().open(callback);
  const faults: readonly (readonly [SimulatedEndpoint, string])[] = [
    ['userinfo', 'wrong-sub'],
    ['token', 'wrong-nonce'],
    ['token', 'not-json'],
    ['token', 'token-4'],
  ];
  for (const [endpoint, name] of faults) {
    const other = new Browser();
    const back = await driveCitizen((await other.open(`${url}/login`)).location ?? '', PERSON);
    canary.simulator.faults.next(endpoint, name);
    await other.open(back);
  }
}

async function signAndRead(party: ApiAccess): Promise<void> {
  const application = await submitted(party, DOCUMENT);
  const browser = new Browser();
  await sign(browser, application.sign_url ?? '', PERSON);
  const done = await ended(party, application.id);
  if (done.verdict?.indication !== 'TOTAL-PASSED') throw new Error(`ended as ${JSON.stringify(done)}`);
  for (const path of ['', '/receipt', '/document', '/report', '/evidence']) {
    await (await api(party, `/v1/applications/${application.id}${path}`)).arrayBuffer();
  }
  await (await api(party, '/v1/applications')).arrayBuffer();
  await browser.open(`${party.url}/applications/${application.id}/complete`);
}

/** The result refused, damaged or late, the citizen who refuses, a card that is locked. */
async function refuseAndFail(canary: CanaryWorld, party: ApiAccess): Promise<void> {
  const faults: readonly (readonly [SimulatedEndpoint, string])[] = [
    ['token', 'wrong-at-hash'],
    ['token', 'cut-after-processing'],
    ['result', 'result-12'],
    ['result', 'damaged-signature'],
    ['result', 'html'],
  ];
  for (const [endpoint, name] of faults) {
    const application = await submitted(party, DOCUMENT);
    const browser = new Browser();
    const callback = await goToService(browser, application.sign_url ?? '', PERSON);
    canary.simulator.faults.next(endpoint, name);
    await browser.open(callback);
    await ended(party, application.id);
  }
  for (const outcome of ['refuse', 'locked', 'wrong-person'] as const) {
    const application = await submitted(party, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '', { ...PERSON, outcome });
    await ended(party, application.id);
  }
}

/** Requests that are refused at the edge. */
async function strangers({ url, apiKey }: ApiAccess): Promise<void> {
  const authorization = `Bearer ${apiKey}`;
  const attempts: readonly (readonly [string, RequestInit])[] = [
    ['/v1/applications', { headers: { authorization: `Bearer ${DOCUMENT_MARK.length}${apiKey}x` } }],
    ['/v1/applications', { method: 'POST', headers: { authorization }, body: DOCUMENT }],
    [
      '/v1/applications',
      {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/xml', 'idempotency-key': crypto.randomUUID() },
        body: `<!DOCTYPE a [<!ENTITY x "${DOCUMENT_MARK}">]><a>&x;</a>`,
      },
    ],
    [`/v1/applications/${apiKey}`, { headers: { authorization } }],
    [`/callback?state=${apiKey}&code=${apiKey}`, {}],
    [`/login/callback?state=${apiKey}&code=${apiKey}&error=${encodeURIComponent(DOCUMENT_MARK)}`, {}],
    [
      '/backchannel-logout',
      { method: 'POST', body: new URLSearchParams({ logout_token: `${apiKey}.${apiKey}.x` }) },
    ],
    [`/nowhere/${apiKey}`, {}],
  ];
  for (const [path, init] of attempts) {
    await (await fetch(`${url}${path}`, { redirect: 'manual', ...init })).arrayBuffer();
  }
}

async function certificateAt(gov: ApiAccess): Promise<Uint8Array> {
  const list = (await (await api(gov, '/v1/applications?limit=100')).json()) as {
    items: readonly { id: string; verdict?: { indication: string } }[];
  };
  const passed = list.items.find(({ verdict }) => verdict?.indication === 'TOTAL-PASSED');
  const signed = await (await api(gov, `/v1/applications/${passed?.id}/document`)).text();
  const base64 = /X509Certificate>([^<]+)</.exec(signed)?.[1] ?? '';
  return Buffer.from(base64, 'base64');
}
