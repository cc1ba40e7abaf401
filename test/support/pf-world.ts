import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import { createClientKeys, generateClientKey, publicClientKey } from '../../src/adapters/keys/client-key.ts';
import { openPfKeystore } from '../../src/adapters/keys/pf-keystore.ts';
import { createPfVerificationService } from '../../src/adapters/pf-verification/pf-verification-service.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { type PfConfig, readPfConfig } from '../../src/config/pf.ts';
import type { PfPublicJwk } from '../../src/contracts/pf-public-jwk.ts';
import type { VerificationSubmission } from '../../src/contracts/verification.ts';
import type { EpochMillis, SigningMode } from '../../src/core/brand.ts';
import { toBase64 } from '../../src/core/encoding.ts';
import type { CardAlgorithm } from '../../src/core/xmldsig/algorithms.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../src/core/xmldsig/prepared-signature.ts';
import type { RunningServer } from '../../src/http/listen.ts';
import type { ClientKeys } from '../../src/ports/client-keys.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { RunningWorker } from '../../src/ports/job-queue.ts';
import type { Log, LogFields } from '../../src/ports/log.ts';
import { startPf } from '../../src/roles/pf/main.ts';
import { encryptBundle } from '../../src/simulator/auth-and-sign/bundle.ts';
import { makeCrl } from '../../src/simulator/jpki/crl.ts';
import { answerOcsp } from '../../src/simulator/jpki/ocsp.ts';
import type { JpkiRegistry } from '../../src/simulator/jpki/registry.ts';
import { startPfWorker } from '../../workers/pf/main.ts';
import { APPLICATIONS, anchorsPem, FILE, NOW, newRegistry, signFile, signXml } from './pf-signing.ts';

export const PASSPHRASE = 'only for the tests of pf';
export const TENANTS = ['alpha', 'beta'] as const;
export type TenantName = (typeof TENANTS)[number];

/** A clock that a test moves and both processes share. */
export class SharedClock implements Clock {
  millis: number = NOW;
  now(): EpochMillis {
    return this.millis as EpochMillis;
  }
}

/** Keeps every line as JSON, to be searched. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  info = (event: string, fields?: LogFields) => this.#keep(event, fields);
  warn = (event: string, fields?: LogFields) => this.#keep(event, fields);
  error = (event: string, fields?: LogFields) => this.#keep(event, fields);
  #keep(event: string, fields: LogFields = {}): void {
    this.lines.push(JSON.stringify({ event, ...fields }));
  }
}

/** The pretended J-LIS over HTTP; `mode` makes it fail or answer OCSP as it did before, `asked` counts, `ocsp` keeps what was asked. */
async function jlis(registry: JpkiRegistry, clock: Clock) {
  const state = {
    mode: 'up' as 'up' | 'down' | 'html' | 'replaying',
    ocsp: [] as Buffer[],
    ocspAnswers: [] as Uint8Array[],
    /** Paths that are accepted and not answered. */
    hanging: new Set<string>(),
    asked: 0,
    clockOff: 0,
  };
  const server = createServer(async (request, response) => {
    state.asked += 1;
    response.setHeader('date', new Date(clock.now() + state.clockOff).toUTCString());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (state.hanging.has(new URL(request.url ?? '/', 'http://localhost').pathname)) return;
    if (state.mode === 'down') return void response.writeHead(503).end();
    if (state.mode === 'html') return void response.writeHead(200).end('<html>maintenance</html>');
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/ocsp') {
      state.ocsp.push(Buffer.concat(chunks));
      const fresh = answerOcsp(registry, Buffer.concat(chunks), clock.now());
      state.ocspAnswers.push(fresh);
      return void response.end(state.mode === 'replaying' ? state.ocspAnswers[0] : fresh);
    }
    const name = Buffer.from(url.searchParams.get('dp') ?? '', 'base64url');
    const crl = makeCrl(registry, name, clock.now());
    response.writeHead(crl === undefined ? 404 : 200).end(crl);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { state, url: `http://127.0.0.1:${port}`, close };
}

export type PfWorld = Awaited<ReturnType<typeof startPfWorld>>;

/** A whole platform operator on loopback with two tenants, its own J-LIS and its own folder. */
export async function startPfWorld(
  change: Readonly<Record<string, string>> = {},
  contracts: Readonly<Partial<Record<TenantName, readonly string[]>>> = {},
) {
  const clock = new SharedClock();
  const log = new KeptLog();
  const registry = newRegistry();
  const source = await jlis(registry, clock);
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-pf-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const keys = await tenantKeys(contracts);
  const keystore = await openPfKeystore({
    file: join(folder, 'data', 'pf.keystore.json'),
    passphrase: PASSPHRASE,
    clock,
    scryptCost: 16_384,
  });
  const pfKeys = {
    alpha: (await keystore.generate('alpha-portal', 'test')).publicJwk,
    beta: (await keystore.generate('beta-portal', 'test')).publicJwk,
  };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = readPfConfig({
    JITSUIN_PORT: String(port),
    JITSUIN_PUBLIC_URL: url,
    JITSUIN_DATA_DIR: join(folder, 'data'),
    JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: file('passphrase', `${PASSPHRASE}\n`),
    JITSUIN_PF_TENANTS_FILE: file('tenants.json', JSON.stringify(keys.tenants)),
    JITSUIN_TRUST_FILE: file('trust.pem', anchorsPem(registry)),
    JITSUIN_OCSP_URL: `${source.url}/ocsp`,
    JITSUIN_CRL_URL: `${source.url}/crl`,
    JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
    JITSUIN_ALLOW_FILES_IN_DIGEST_INFO: '1',
    ...change,
  });
  let api: RunningServer | undefined = await startPf(config, { clock, log });
  let worker: RunningWorker | undefined;
  return {
    ...{ clock, log, registry, source: source.state, folder, url, config, keystore, pfKeys },
    service: (tenant: TenantName, clientKeys: ClientKeys = keys.of(tenant)) =>
      createPfVerificationService({
        http: createHttpClient({ allowedHosts: [new URL(url).host], loopbackHttp: 'allowed' }),
        ...{ url, clientId: `client-${tenant}`, clientKeys, clock, random: systemRandom(clock) },
      }),
    bearer: (tenant: TenantName) => bearer(keys.of(tenant), tenant, url, clock),
    foreignKeys: keys.foreign,
    startWorker: async () => {
      worker = await startPfWorker(config, { clock, log });
    },
    stopWorker: async () => {
      await worker?.close();
      worker = undefined;
    },
    close: async () => {
      await worker?.close();
      await api?.close();
      api = undefined;
      await source.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tenantKeys(contracts: Readonly<Partial<Record<TenantName, readonly string[]>>>) {
  const pairs = await Promise.all(TENANTS.map(() => generateClientKey('ES256')));
  const tenants = TENANTS.map((name, index) => {
    const pair = pairs[index];
    if (pair === undefined) throw new Error('no key');
    const record = {
      id: `tenant-${name}`,
      name: `模擬事業者 ${name}`,
      client_id: `client-${name}`,
      jwks: { keys: [publicClientKey(pair)] },
      services: [`${name}-portal`],
      ...(contracts[name] === undefined ? {} : { contract: contracts[name] }),
    };
    return { record, clientKeys: createClientKeys({ active: pair.kid, keys: [pair] }) };
  });
  const stranger = await generateClientKey('ES256');
  return {
    tenants: tenants.map(({ record }) => record),
    of: (name: TenantName) => tenants[TENANTS.indexOf(name)]?.clientKeys ?? neverKeys,
    foreign: createClientKeys({ active: stranger.kid, keys: [stranger] }),
  };
}

const neverKeys: ClientKeys = {
  signAssertion: () => Promise.reject(new Error('no such tenant')),
};

let jti = 0;
async function bearer(keys: ClientKeys, tenant: TenantName, aud: string, clock: Clock): Promise<string> {
  jti += 1;
  const now = Math.floor(clock.now() / 1000);
  const iss = `client-${tenant}`;
  return `Bearer ${await keys.signAssertion({ iss, sub: iss, aud, jti: `test-${process.pid}-${jti}`, iat: now, exp: now + 60 })}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export interface SubmissionOptions {
  readonly tenant?: TenantName;
  readonly person?: string;
  readonly profile?: XmlSignatureProfileName | 'detached';
  readonly mode?: SigningMode;
  readonly method?: 'OCSP' | 'CRL';
  /** Fault of the simulator's bundle. */
  readonly fault?: string;
  readonly key?: PfPublicJwk;
  readonly document?: Uint8Array;
  /** `the same`: the sample as it is, so that one person's signature value is the same each time. */
  readonly text?: 'of its own' | 'the same';
  readonly signedElement?: SignedElementSelector;
  readonly algorithm?: CardAlgorithm;
  /** What the bundle holds instead of the card's own value. */
  readonly value?: (raw: Uint8Array) => Uint8Array;
}

let counter = 0;

/** A submission as an sp makes it, from a simulated citizen's signature; `change` spoils it. */
/** More text at the end of what every profile signs of the samples: another text, and so another signature value. */
function withText(document: Uint8Array, text: string): Uint8Array {
  return Buffer.from(
    Buffer.from(document)
      .toString('utf8')
      .replace(/<\/(?:申請書|届:届出書)>/, `${text}$&`),
  );
}

export async function submissionOf(
  world: PfWorld,
  options: SubmissionOptions = {},
  change: Partial<VerificationSubmission> = {},
): Promise<VerificationSubmission> {
  const {
    tenant = 'alpha',
    person = 'taro',
    profile = 'enveloped',
    mode = 'digest-info',
    method = 'OCSP',
    text = 'of its own',
  } = options;
  counter += 1;
  const own = text === 'the same' ? '' : ` ${counter}`;
  const file = Buffer.concat([FILE, Buffer.from(own)]);
  const signed =
    profile === 'detached'
      ? { skeleton: file, ...signFile(world.registry, person, file, mode, options.algorithm) }
      : (({ prepared, ...rest }) => ({ ...rest, skeleton: prepared.skeleton, data: prepared.data }))(
          signXml(
            world.registry,
            person,
            profile,
            options.document ?? withText(APPLICATIONS[profile], own),
            options.signedElement,
            options.algorithm,
          ),
        );
  const content = {
    certificate: toBase64(signed.certificate),
    signatureValue: toBase64((options.value ?? ((raw) => raw))(signed.signatureValue)),
  };
  return {
    submission_id: `submission-${String(counter).padStart(6, '0')}`,
    service: `${tenant}-portal`,
    environment: 'test',
    profile,
    mode,
    skeleton: toBase64(signed.skeleton),
    jwe: await encryptBundle(options.key ?? world.pfKeys[tenant], content, options.fault),
    data: signed.data,
    check_method: method,
    ...change,
  };
}

/** Every octet that was written under a folder. */
export function everyOctet(folder: string): Buffer {
  const parts: Buffer[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path).isFile()) parts.push(readFileSync(path));
  }
  return Buffer.concat(parts);
}

export type { PfConfig };
