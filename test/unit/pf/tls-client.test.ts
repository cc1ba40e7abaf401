import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { openRevocationSource } from '../../../src/adapters/revocation/open-revocation-source.ts';
import { readTlsClient } from '../../../src/adapters/revocation/tls-client.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

let dir: string;
let server: Server;
let url: string;
const seen: (string | undefined)[] = [];

/** A self-signed pair by openssl: name → [certificate, key] as PEM. */
function pairOf(name: string): readonly [string, string] {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return [readFileSync(cert, 'utf8'), readFileSync(key, 'utf8')];
}

function put(name: string, content: string, mode = 0o600): string {
  const file = join(dir, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

let ours: readonly [string, string];
let theirs: readonly [string, string];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'jitsuin-tls-'));
  [ours, theirs] = [pairOf('ours'), pairOf('theirs')];
  const [cert, key] = theirs;
  server = createServer(
    { cert, key, ca: [ours[0]], requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      seen.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined);
      response.end('answer');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}/ocsp`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('the TLS certificate by which we are known to sources of revocation data', () => {
  it('is shown to a source that asks for one; without it there is no answer', async () => {
    const ask = async (revocationTlsClientFile?: string) => {
      const { source, close } = openRevocationSource({
        ocspUrl: url,
        loopbackHttp: 'refused',
        clock: systemClock,
        proxy: {},
        createHttpClient: (options) => createHttpClient({ ...options, trustedRoots: [theirs[0]] }),
        ...(revocationTlsClientFile === undefined ? {} : { revocationTlsClientFile }),
      } as Parameters<typeof openRevocationSource>[0]);
      return Promise.resolve(source.ocsp?.(new Uint8Array([1]))).finally(close);
    };
    expect(Buffer.from((await ask(put('client.pem', ours.join('')))) ?? []).toString()).toBe('answer');
    expect(seen).toEqual(['ours']);
    expect(await codeOf(() => ask())).toBe('revocation.unavailable');
    expect(seen).toEqual(['ours']);
  });

  it.each([
    ['others may read', () => put('loose.pem', ours.join(''), 0o644), 'config.key-mode'],
    ['without a key', () => put('half.pem', ours[0]), 'config.invalid'],
    ['without a certificate', () => put('other-half.pem', ours[1]), 'config.invalid'],
    ['of two pairs', () => put('mixed.pem', ours[0] + theirs[1]), 'config.invalid'],
    ['that is not there', () => join(dir, 'nothing.pem'), 'config.invalid'],
  ])('a file %s is refused at the start', async (_what, file, code) => {
    expect(await codeOf(() => readTlsClient(file()))).toBe(code);
  });
});
