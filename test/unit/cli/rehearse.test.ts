import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Fate } from '../../../src/cli/rehearse/citizen.ts';
import { openGate } from '../../../src/cli/rehearse/gate.ts';
import { arrivalsOf, planJsonSchema, readRehearsal } from '../../../src/cli/rehearse/plan.ts';
import { reportOf, reportText } from '../../../src/cli/rehearse/report.ts';
import { rehearse } from '../../../src/cli/rehearse/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-rehearse-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MINIMAL = { minutes: 1, curve: [{ minute: 0, per_second: 1 }] };
const TARGET = { url: 'http://127.0.0.1:1', key_file: 'key', service: 'http://localhost:2' };

function planOf(plan: object) {
  const file = join(folder, `${crypto.randomUUID()}.json`);
  writeFileSync(file, JSON.stringify(plan));
  return readRehearsal(file);
}

describe('a plan of a rehearsal', () => {
  it('has a schema, and what is left out has a value', () => {
    expect(planJsonSchema()).toMatchObject({ type: 'object', required: ['minutes', 'curve'] });
    expect(planOf(MINIMAL)).toMatchObject({ late_seconds: 60, citizens: { refuse: 0 }, allow: { late: 0 } });
    expect(planOf({ ...MINIMAL, target: TARGET }).target?.key_file).toBe(join(folder, 'key'));
  });

  it.each([
    ['https://auth-and-sign.go.jp', []],
    ['https://sb-auth-and-sign.go.jp/', ['sb-auth-and-sign.go.jp']],
    ['https://AUTH-AND-SIGN.go.jp.', ['auth-and-sign.go.jp.', 'auth-and-sign.go.jp']],
    ['https://x.go.jp', ['x.go.jp']],
    ['https://sp.example', []],
    ['http://127.0.0.1.example', []],
    ['ftp://localhost', []],
  ] as const)('never goes to %s (own: %s)', (address, hosts) => {
    for (const target of [
      { ...TARGET, hosts, service: address },
      { ...TARGET, hosts, url: address },
      { ...TARGET, hosts, pf: { listen: 9, to: address } },
    ])
      expect(() => planOf({ ...MINIMAL, target })).toThrow(/real service|"hosts"|neither http/);
  });

  it('goes to a host that it calls its own', () => {
    const target = { ...TARGET, url: 'https://sp.example', hosts: ['sp.example'] };
    expect(planOf({ ...MINIMAL, target }).target?.url).toBe('https://sp.example');
  });

  it.each([
    [
      'a curve that goes back',
      {
        curve: [
          { minute: 2, per_second: 1 },
          { minute: 1, per_second: 1 },
        ],
      },
    ],
    ['nobody', { curve: [{ minute: 0, per_second: 0 }] }],
    ['too many', { minutes: 1_000, curve: [{ minute: 0, per_second: 100 }] }],
    ['more than all', { citizens: { refuse: 0.6, abandon: 0.6 } }],
    ['least above most', { citizens: { thinks_seconds: [5, 1] } }],
    ['an unknown member', { curves: [] }],
    ['pf away without its port', { target: TARGET, outages: [{ of: 'pf', from: 0, minutes: 1 }] }],
  ])('is refused: %s', (_what, wrong) => {
    expect(() => planOf({ ...MINIMAL, ...wrong })).toThrow();
  });
});

describe('the curve', () => {
  it('is as many as its area, each in its second', () => {
    const curve = [
      { minute: 0, per_second: 0 },
      { minute: 1, per_second: 2 },
      { minute: 2, per_second: 2 },
    ];
    const arrivals = arrivalsOf({ curve, minutes: 3 });
    expect(arrivals.length).toBe(60 + 120 + 120);
    expect(arrivals.filter((at) => at < 60_001).length).toBe(60);
    expect([...arrivals].sort((a, b) => a - b)).toEqual(arrivals);
    expect(arrivals.at(-1)).toBeLessThanOrEqual(180_000);
  });
});

describe('the report', () => {
  const plan = planOf({ ...MINIMAL, late_seconds: 10, allow: { late: 0.5 } });
  const decided = (signed: number, after: number): Fate => ({
    ...{ came: 0, meant: 'sign', waits: {}, again: 0, id: 'a', state: 'decided' },
    ...{ signed, decided: signed + after, end: 'decided' },
  });

  it('nothing lost, some late in an outage: passed, and when it was worked off', () => {
    const report = reportOf(
      plan,
      [decided(0, 1_000), decided(5_000, 20_000)],
      [{ of: 'pf', from: 4_000, to: 20_000 }],
    );
    expect(report).toMatchObject({ decided: 2, lost: [], late: 1, passed: true, add: [] });
    expect(report.outages).toEqual([
      { of: 'pf', seconds: 16, signed_before_its_end: 1, worked_off_seconds: 5 },
    ]);
  });

  it('one that never ended is lost, and nothing allows that', () => {
    const open: Fate = {
      came: 0,
      meant: 'sign',
      waits: {},
      again: 0,
      id: 'b',
      state: 'submitted',
      end: 'open',
    };
    const report = reportOf(plan, [decided(0, 1_000), decided(0, 1_000), open], []);
    expect(report).toMatchObject({ lost: [{ id: 'b', state: 'submitted' }], passed: false });
    expect(reportText(report)).toContain('lost: b submitted');
  });

  it('says what to add: processes where it was late, rates where somebody was turned away', () => {
    const away: Fate = { came: 0, meant: 'sign', waits: {}, again: 0, id: 'c', end: 'turned-away-page' };
    const limited: Fate = { ...decided(0, 1_000), waits: { 'submission 429': 3 } };
    const { add, passed } = reportOf(plan, [away, limited, decided(0, 11_000)], []);
    expect(passed).toBe(false);
    expect(add.join('\n')).toMatch(/JITSUIN_TENANT_RATE[\s\S]*JITSUIN_SERVICE_RATE=4[\s\S]*sp worker/);
  });
});

describe('the gate before pf', () => {
  it('lets through, is away, and lets through again', async () => {
    const server = createServer((_request, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const gate = await openGate(0, { host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const ask = () => fetch(`http://127.0.0.1:${gate.port}/`).then((answer) => answer.text());
    expect(await ask()).toBe('here');
    const held = connect(gate.port, '127.0.0.1');
    await new Promise((resolve) => held.once('connect', resolve));
    gate.away(true);
    await new Promise((resolve) => held.once('close', resolve));
    await expect(ask()).rejects.toThrow();
    gate.away(false);
    expect(await ask()).toBe('here');
    await gate.close();
    server.closeAllConnections();
    server.close();
  });
});

/** As much of a deployment and of a simulator as a citizen sees; each test says how it goes wrong. */
async function deployment(answers: {
  readonly view?: () => { state: string; verdict?: { indication: string } } | undefined;
  readonly page?: () => number;
  readonly service?: string;
}) {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const json = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (path === '/v1/applications') return json(201, { id: 'x1', sign_url: `${url}/applications/x1/sign` });
    if (path.startsWith('/v1/')) {
      const view = answers.view?.() ?? undefined;
      return view === undefined ? json(404, {}) : json(200, view);
    }
    if (path === '/authorize') return leadTo(response, `${url}/callback`);
    if (path === '/callback') return response.end('done');
    if (request.method === 'POST') return leadTo(response, `${answers.service ?? url}/authorize`);
    const status = answers.page?.() ?? 200;
    return response
      .writeHead(status, { 'retry-after': '1' })
      .end(status === 200 ? '<form method="post" action="/applications/x1/sign"></form>' : 'later');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, place: { url, service: url, apiKey: 'k', hosts: [], close: async () => undefined } };
}

function leadTo(response: ServerResponse, location: string) {
  return response.writeHead(303, { location }).end();
}

describe('what becomes of an application', () => {
  const open: { close(): void; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const passing = () => ({ state: 'decided', verdict: { indication: 'TOTAL-PASSED' } });

  async function run(answers: Parameters<typeof deployment>[0], more: object = {}) {
    const { server, place } = await deployment(answers);
    open.push(server);
    const plan = planOf({
      ...{ minutes: 0.05, curve: [{ minute: 0, per_second: 1 }], ends_within_seconds: 2, times_faster: 10 },
      citizens: { thinks_seconds: [0, 0], patience_seconds: 2 },
      ...more,
    });
    const { signal } = new AbortController();
    return rehearse(place, plan, { signal, tell: () => undefined });
  }

  it('decided', async () => {
    expect(await run({ view: passing })).toMatchObject({
      came: 3,
      signed: 3,
      decided: 3,
      lost: [],
      passed: true,
    });
  });

  it('lost: forgotten by the deployment', async () => {
    expect((await run({ view: () => undefined })).lost.length).toBe(3);
  });

  it.each([[{ state: 'failed' }], [{ state: 'decided', verdict: { indication: 'TOTAL-FAILED' } }]])(
    'lost: %j',
    async (view) => {
      const report = await run({ view: () => view });
      expect(report).toMatchObject({ decided: 0, passed: false });
      expect(report.lost.length).toBe(3);
    },
  );

  it('turned away: the page asks to come again until patience ends', async () => {
    const report = await run({ view: passing, page: () => 503 });
    expect(report).toMatchObject({ turned_away: { page: 3 }, lost: [], passed: false });
    expect(report.asked_to_wait['page 503']).toBeGreaterThan(3);
  });

  it('comes again when a page asks to, and is decided', async () => {
    let left = 2;
    const page = () => {
      left -= 1;
      return left >= 0 ? 503 : 200;
    };
    expect(await run({ view: passing, page }, { citizens: { thinks_seconds: [0, 0] } })).toMatchObject({
      decided: 3,
      asked_to_wait: { 'page 503': 2 },
    });
  });

  it('goes nowhere but to the simulator', async () => {
    await expect(run({ view: passing, service: 'http://127.0.0.1:9' })).rejects.toThrow('127.0.0.1:9');
  });
});
