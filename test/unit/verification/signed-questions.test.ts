import { execFileSync } from 'node:child_process';
import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OCSPRequest } from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { openRevocationSource } from '../../../src/adapters/revocation/open-revocation-source.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { readOcspSigner } from '../../../src/roles/signature-verifier/wiring.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { signedQuestions } from '../../../src/verification/revocation/signed-questions.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { ocspRequest } from '../../../src/verifier/revocation/ocsp-request.ts';
import { signedOcspRequest } from '../../../src/verifier/revocation/signed-ocsp-request.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { anchorsOf, NOW, newRegistry, signXml } from '../../support/pf-signing.ts';

/** A responder that answers nobody whom it does not know: sigRequired (RFC 6960 section 2.3). */
const SIG_REQUIRED = Buffer.from('30030a0105', 'hex');
const registry = newRegistry();
const certificate = parseCertificate(signXml(registry, 'taro', 'enveloped').certificate);
const issuer = anchorsOf(registry).find(
  ({ subject }) => Buffer.compare(subject.der, certificate.issuer.der) === 0,
);
const nonce = new Uint8Array(16).fill(7);

let dir: string;
let server: Server;
let url: string;
const names: (string | undefined)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'jitsuin-ocsp-'));
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const octets = Buffer.concat(chunks);
    names.push(signerOf(octets));
    const known = names.at(-1) === 'known';
    response.end(known ? answerOcsp(registry, octets, NOW) : SIG_REQUIRED);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Key and self-signed certificate by OpenSSL, as one PEM. */
function fileOf(cn: string, key: readonly string[], mode = 0o600): string {
  const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', `/CN=${cn}`, '-days', '1', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...key.flatMap((one) => one.split(' ')), ...subject], {
    stdio: 'ignore',
  });
  const file = join(dir, `${cn}-${key.join('').replaceAll(/\W/g, '')}-${mode}.pem`);
  writeFileSync(file, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'), { mode });
  return file;
}

/** The name of who signed it, where the signature is right and the requestorName is the certificate's. */
function signerOf(octets: Uint8Array): string | undefined {
  const { tbsRequest, optionalSignature } = OCSPRequest.fromBER(new Uint8Array(octets));
  const [own] = optionalSignature?.certs ?? [];
  if (optionalSignature === undefined || own === undefined) return undefined;
  const signer = new X509Certificate(Buffer.from(own.toSchema().toBER()));
  // pkijs gives the certificate's signatureAlgorithm for the question's
  const hash = signer.publicKey.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
  const signed = Buffer.from(tbsRequest.tbsView);
  const value = Buffer.from(optionalSignature.signature.valueBlock.valueHexView);
  if (!verify(hash, signed, createPublicKey(signer.publicKey.export({ type: 'spki', format: 'pem' })), value))
    return undefined;
  const requestor = Buffer.from(tbsRequest.requestorName?.value.toSchema().toBER() ?? []);
  const subject = Buffer.from(own.subject.toSchema().toBER());
  return requestor.equals(subject) ? /CN=(.*)/.exec(signer.subject)?.[1] : undefined;
}

async function answerTo(file: string | undefined): Promise<string> {
  if (issuer === undefined) throw new Error('no issuer');
  const { source, close } = openRevocationSource({
    ...{ ocspUrl: url, loopbackHttp: 'allowed', clock: systemClock, proxy: {}, createHttpClient },
  } as Parameters<typeof openRevocationSource>[0]);
  const asked = signedQuestions(source, readOcspSigner({ ocspSignerFile: file }));
  const answer = await asked.ocsp?.(ocspRequest({ certificate, issuer, nonce })).finally(close);
  const data = { crls: [], ocsp: answer === undefined ? [] : [answer] };
  const result = checkRevocation({ certificate, issuer, data, at: NOW, method: 'OCSP', nonce });
  return result.status === 'indeterminate' ? result.code : result.status;
}

const RSA = ['-newkey rsa:2048'];
const P256 = ['-newkey ec', '-pkeyopt ec_paramgen_curve:P-256'];
const P384 = ['-newkey ec', '-pkeyopt ec_paramgen_curve:P-384'];

describe('signed questions to an OCSP responder', () => {
  it.each([
    ['RSA', RSA],
    ['P-256', P256],
    ['P-384', P384],
  ])('by %s, the answer is judged as any, with its nonce', async (_, key) => {
    expect(await answerTo(fileOf('known', key))).toBe('good');
    expect(names.at(-1)).toBe('known');
  });

  it('nobody unknown is answered, nor who does not sign', async () => {
    expect(await answerTo(fileOf('stranger', P256))).toBe('revocation.refused');
    expect(await answerTo(undefined)).toBe('revocation.refused');
    expect(names.slice(-2)).toEqual(['stranger', undefined]);
  });

  it.each([
    [RSA, 'sha256WithRSAEncryption'],
    [P256, 'ecdsa-with-SHA256'],
    [P384, 'ecdsa-with-SHA384'],
  ])('OpenSSL reads the signed question as the same question, %s', (key, algorithm) => {
    if (issuer === undefined) throw new Error('no issuer');
    const signer = readOcspSigner({ ocspSignerFile: fileOf('known', key) });
    if (signer === undefined) throw new Error('no signer');
    const question = ocspRequest({ certificate, issuer, nonce });
    const textOf = (octets: Uint8Array) => {
      const file = join(dir, 'request.der');
      writeFileSync(file, octets);
      return execFileSync('openssl', ['ocsp', '-reqin', file, '-req_text'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    };
    const [plain, signed] = [textOf(question), textOf(signedOcspRequest(question, signer))];
    const serial = /Serial Number: (\w+)/.exec(plain)?.[1];
    expect(serial).toMatch(/^\w{2,}$/);
    expect(signed).toContain(`Serial Number: ${serial}`);
    expect(signed).toMatch(/Requestor Name: DirName:\s?CN ?= ?known/);
    // before the certificate, which is written with its own
    expect(/Signature Algorithm: ([\w-]+)/.exec(signed)?.[1]).toBe(algorithm);
    expect(plain).not.toContain('Requestor Name');
  });

  it.each([
    ['that others may read', () => fileOf('known', P256, 0o644), 'config.key-mode'],
    ['of a kind that signs none', () => fileOf('known', ['-newkey ed25519']), 'config.invalid'],
    ['that is not there', () => join(dir, 'none.pem'), 'config.invalid'],
  ])('a file %s is refused at the start', (_, file, code) => {
    try {
      readOcspSigner({ ocspSignerFile: file() });
      expect.unreachable();
    } catch (thrown) {
      expect(asJitsuinError(thrown)).toMatchObject({ code, at: 'JITSUIN_OCSP_SIGNER_FILE' });
    }
  });
});
