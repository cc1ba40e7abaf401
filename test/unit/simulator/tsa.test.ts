import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_OPENSSL, openssl, opensslOctets } from './openssl.ts';
import { BASE_TIME, DOCUMENT, makeTestWorld, type TestWorld } from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

async function stamp(): Promise<{ readonly request: Uint8Array; readonly response: Uint8Array }> {
  const request = opensslOctets(['ts', '-query', '-data', 'document', '-sha256', '-cert', '-out', 'out'], {
    document: DOCUMENT,
  });
  const answer = await fetch(world.simulator.tsaUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: new Uint8Array(request),
  });
  return { request, response: new Uint8Array(await answer.arrayBuffer()) };
}

function judge({ request, response }: Awaited<ReturnType<typeof stamp>>) {
  const files = {
    'query.tsq': request,
    'reply.tsr': response,
    'root.pem': world.simulator.tsaTrustAnchorPem,
  };
  const at = String(BASE_TIME / 1000);
  return openssl(
    ['ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', 'root.pem', '-attime', at],
    files,
  );
}

describe.skipIf(!HAS_OPENSSL)('the time-stamp authority', () => {
  it('gives a token that openssl verifies', async () => {
    const ran = judge(await stamp());
    expect(ran.output).toContain('Verification: OK');
    expect(ran.status).toBe(0);
  });

  it.each(['rejection', 'wrong-nonce', 'wrong-imprint', 'forged'])(
    'misbehaves on request: %s',
    async (fault) => {
      world.simulator.faults.next('tsa', fault);
      expect(judge(await stamp()).status).not.toBe(0);
    },
  );
});
