import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { openForms } from '../../adapters/files/form-files.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { openPfKeysModule } from '../../adapters/keys/pf-keys-module.ts';
import { openPfKeystore, type PfKeystore } from '../../adapters/keys/pf-keystore.ts';
import { createPassphraseFile, readPassphraseFile } from '../../adapters/keys/pf-passphrase.ts';
import { KeyListFile } from '../../adapters/keys/pf-pkcs11/key-list.ts';
import { createToken, type Token } from '../../adapters/keys/pf-pkcs11/token.ts';
import { openTokenKeystore } from '../../adapters/keys/pf-pkcs11/token-keystore.ts';
import { openTokenReceipts } from '../../adapters/keys/pf-pkcs11/token-receipts.ts';
import { createReceiptKey, loadReceiptKey } from '../../adapters/keys/pf-receipt-key.ts';
import { makeSealKey, openSealer } from '../../adapters/keys/seal-keys.ts';
import type { FileSealer } from '../../adapters/keys/sealer-file.ts';
import { openLog } from '../../adapters/log/open-log.ts';
import { openQueue } from '../../adapters/queue/open-queue.ts';
import { systemRandom } from '../../adapters/random.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import { openStore, type Store } from '../../adapters/store/open-store.ts';
import { sealAuditRegularly } from '../../adapters/store/seal-audit.ts';
import {
  askDroppedLines,
  askExpiry,
  namedEnds,
  overlapEnds,
  trustAnchorEnds,
} from '../../adapters/telemetry/management.ts';
import { meteredLog } from '../../adapters/telemetry/metered-log.ts';
import { meteredRevocation } from '../../adapters/telemetry/metered-revocation.ts';
import { createMetrics, type Metrics } from '../../adapters/telemetry/metrics.ts';
import { openTlog } from '../../adapters/transparency/open-tlog.ts';
import type { PfConfig } from '../../config/pf.ts';
import { type Pkcs11Config, type Pkcs11Use, pkcs11Of } from '../../config/pkcs11.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { PRICE_LIST } from '../../core/fees/price-list.ts';
import { VERSION } from '../../core/version.ts';
import type { PlatformOperator } from '../../pf/platform-operator.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecryptionKeys } from '../../ports/decryption-key.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Log } from '../../ports/log.ts';
import type { ReceiptSigner } from '../../ports/receipt-signer.ts';
import { newestCrls } from '../../verification/revocation/newest-crls.ts';
import { createResponderCache } from '../../verification/revocation/responder-cache.ts';
import { createRevocationWatch } from '../../verification/revocation/revocation-watch.ts';
import { signedQuestions } from '../../verification/revocation/signed-questions.ts';
import { algorithmEndsOf } from '../../verifier/policy/policy-file.ts';
import {
  openTimeStamping,
  readCertificates,
  readOcspSigner,
  readPolicy,
} from '../signature-verifier/wiring.ts';
import { readPrices } from './prices.ts';
import { openTenantsFile, type TenantsFile } from './tenants-file.ts';

/** What a caller in the same process (the demo, tests) may put in the place of the system's own. */
export interface PfOverrides {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Of another part of the same role in this process. */
  readonly metrics?: Metrics;
}

export interface OpenedPf {
  readonly operator: PlatformOperator;
  readonly store: Store;
  /** In the API's process too: what it commits is handed over at once. */
  readonly queue: JobQueue;
  readonly metrics: Metrics;
  readonly sealer: FileSealer;
  /** Absent where the keys lie in a module of the operator's own. */
  readonly keystore?: PfKeystore;
  readonly tenantsFile: TenantsFile;
  close(): Promise<void>;
}

/**
 * Opens everything the platform operator stands on: key files (made when missing where that is safe), store, trust.
 * @throws JitsuinError `config.*`, `seal.integrity` (keystore passphrase), `certificate.syntax` (trust file),
 * `store.*`,
 * `queue.unavailable`
 */
export async function openPf(
  config: PfConfig,
  part: 'pf' | 'pf-worker',
  publicUrl: string,
  overrides: PfOverrides = {},
): Promise<OpenedPf> {
  const { clock = systemClock } = overrides;
  const metrics = overrides.metrics ?? createMetrics();
  const opened = openLog(part, config.log, clock, overrides.log);
  const log = meteredLog(opened.log, metrics);
  askDroppedLines(metrics, opened);
  const forms = await openForms(config.formsDir);
  await makeMissingKeys(config);
  const tenants = openTenantsFile(config.tenantsFile);
  const trustAnchors = await readCertificates(config.trustFile, 'JITSUIN_TRUST_FILE');
  const intermediates =
    config.intermediatesFile === undefined
      ? []
      : await readCertificates(config.intermediatesFile, 'JITSUIN_INTERMEDIATES_FILE');
  const policy = await readPolicy(config);
  const hardware = await openHardware(config, log);
  const receipts = await openReceipts(config, hardware);
  const { keysModule, environment: own } = config;
  const keystore = keysModule === undefined ? await openKeystore(config, clock, hardware) : undefined;
  const keys = keysOf(keystore ?? (await openPfKeysModule(keysModule ?? '', own)), own);
  const revocation = openRevocationSource({ ...config, clock, createHttpClient, proxy: config });
  const prices =
    config.pricesFile === undefined
      ? PRICE_LIST
      : readPrices(await readJson(config.pricesFile, 'JITSUIN_PF_PRICES_FILE'));
  const tsa = await openTimeStamping(config, clock);
  const tlog = await openTlog(config);
  const sealer = await openSealer(config);
  const store = await openStore({ ...storeOptions(config), role: 'pf', sealer, clock });
  const queue = await openQueueOf(config, { store, clock, log });
  const operator: PlatformOperator = defined({
    environment: config.environment,
    publicUrl,
    deadline: config.deadline,
    filesInDigestInfo: config.filesInDigestInfo,
    version: VERSION,
    tenants,
    trustAnchors,
    intermediates,
    policy,
    forms,
    receipts,
    keys,
    revocation: newestCrls(
      meteredRevocation(signedQuestions(revocation.source, readOcspSigner(config)), metrics, clock),
      [...trustAnchors, ...intermediates],
      log,
      clock,
      store.crlMarks,
    ),
    clock,
    log,
    random: systemRandom(clock),
    verifications: store.verifications,
    signatures: store.signatures,
    evidence: store.evidence,
    archive: store.archive,
    subjects: store.subjects,
    fees: store.fees,
    statusChecks: store.statusChecks,
    consents: store.consents,
    consentRetention: config.consentRetention,
    idempotency: store.idempotency,
    prices,
    responderCache: createResponderCache(),
    ocsp: { nonce: config.ocspNonce, certId: config.ocspCertId },
    revocationWatch: createRevocationWatch(clock, log),
    clockTolerance: config.clockTolerance,
    retention: config.retention,
    timeStamping: tsa === undefined ? undefined : tsa.timeStamping,
    leases: store.leases,
    audit: store.audit,
    replay: store.replay,
    publicLog: tlog?.log,
  });
  const sealing = sealAuditRegularly(store, log);
  askExpiry(metrics, clock, async () => ({
    ...trustAnchorEnds(trustAnchors),
    ...trustAnchorEnds(tsa?.timeStamping.trustAnchors ?? [], 'tsa-anchor'),
    ...overlapEnds((await keystore?.list()) ?? []),
    ...namedEnds(algorithmEndsOf(policy)),
  }));
  return defined({
    operator,
    store,
    queue,
    metrics,
    sealer,
    tenantsFile: tenants,
    keystore,
    close: async () => {
      revocation.close();
      tsa?.close();
      hardware?.token.close();
      tlog?.close();
      await queue.close();
      await sealing.stop();
      await store.close();
      opened.close();
    },
  });
}

async function openQueueOf(
  { redisUrl, queuePrefix }: PfConfig,
  parts: { readonly store: Store; readonly clock: Clock; readonly log: Log },
): Promise<JobQueue> {
  try {
    return await openQueue(
      defined({
        ...parts,
        redisUrl,
        prefix: queuePrefix,
      }),
    );
  } catch (thrown) {
    await parts.store.close();
    throw thrown;
  }
}

function storeOptions({ databaseUrl, databaseSchema, dataDir }: PfConfig) {
  if (databaseUrl === undefined) return { dataDir };
  return defined({
    databaseUrl,
    schema: databaseSchema,
  });
}

/**
 * With the embedded database seal and receipt keys are made at the first start. Beside a shared database each
 * process would make its own, and a folder that goes with its pod would take them away: receipts that nobody can
 * verify, rows that nobody can open.
 */
async function makeMissingKeys(config: PfConfig): Promise<void> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  if (mustBeGiven(config)) requireGivenKeys(config);
  const files = keyIn(config, 'receipts')
    ? [config.sealKeyFile]
    : [config.sealKeyFile, config.receiptKeyFile];
  const missing = files.filter((file) => !existsSync(file));
  for (const file of missing) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    await makeOnce(file, () => (file === config.sealKeyFile ? makeSealKey(config) : createReceiptKey(file)));
  }
}

/** @throws JitsuinError `config.invalid` naming the variable of the first key that is not there */
function requireGivenKeys(config: PfConfig): void {
  const { sealKeyFile, receiptKeyFile, keysModule, keystoreFile } = config;
  const needed: (readonly [string, string])[] = [['JITSUIN_SEAL_KEY_FILE', sealKeyFile]];
  if (!keyIn(config, 'receipts')) needed.push(['JITSUIN_PF_RECEIPT_KEY_FILE', receiptKeyFile]);
  if (keysModule === undefined && !keyIn(config, 'decryption'))
    needed.push(['JITSUIN_PF_KEYSTORE_FILE', keystoreFile]);
  const [at] = needed.find(([, file]) => !existsSync(file)) ?? [];
  if (at === undefined) return;
  throw new JitsuinError(
    'config.invalid',
    `${at} names no file that is there; processes that share a database must share it. Give it, ` +
      'or say JITSUIN_MAKE_KEYS=1 where one process on one machine keeps its own.',
    { at },
  );
}

function mustBeGiven({ databaseUrl, makeKeys }: PfConfig): boolean {
  return databaseUrl !== undefined && makeKeys === 'given';
}

/** API and worker may start at once; who comes second finds the file there. */
async function makeOnce(file: string, make: () => unknown): Promise<void> {
  try {
    await make();
  } catch (thrown) {
    if (!existsSync(file)) throw thrown;
  }
}

/** The token of the settings, with the list of its keys. */
interface Hardware {
  readonly token: Token;
  readonly list: KeyListFile;
  readonly keys: Pkcs11Config['keys'];
}

/**
 * Opened once at the start, so that a wrong PIN or module is known then. A token that is away is no reason to stay
 * away: what needs it waits, and is done when it comes.
 */
async function openHardware(config: PfConfig, log: Log): Promise<Hardware | undefined> {
  const pkcs11 = pkcs11Of(config);
  if (pkcs11 === undefined) return undefined;
  const changed = (state: 'away' | 'back', code: string) =>
    state === 'back' ? log.info('token.back') : log.error('token.away', { code });
  const token = createToken({ ...pkcs11, changed });
  try {
    await token.open();
  } catch (thrown) {
    if (!(thrown instanceof JitsuinError) || thrown.code !== 'key.unavailable') throw thrown;
    log.error('token.away', { code: thrown.code });
  }
  return { token, list: new KeyListFile(pkcs11.listFile), keys: pkcs11.keys };
}

function keyIn(config: PfConfig, use: Pkcs11Use): boolean {
  return pkcs11Of(config)?.keys.has(use) === true;
}

async function openReceipts(config: PfConfig, hardware: Hardware | undefined): Promise<ReceiptSigner> {
  return hardware?.keys.has('receipts') === true
    ? openTokenReceipts(hardware)
    : loadReceiptKey(config.receiptKeyFile);
}

async function openKeystore(
  config: PfConfig,
  clock: Clock,
  hardware: Hardware | undefined,
): Promise<PfKeystore> {
  if (hardware?.keys.has('decryption') === true) {
    const { token, list } = hardware;
    return openTokenKeystore({ token, list, clock });
  }
  // A passphrase for a keystore that is still to be made; one that exists is not replaced by a new one.
  const fresh = config.environment === 'test' && !existsSync(config.keystoreFile) && !mustBeGiven(config);
  if (fresh) await createPassphraseFile(config.keystorePassphraseFile);
  const passphrase = await readPassphraseFile(config.keystorePassphraseFile);
  return openPfKeystore({ file: config.keystoreFile, passphrase, clock });
}

/** Nothing of the other environment can be found, whatever a submission says. */
function keysOf(keystore: DecryptionKeys, own: PfConfig['environment']): DecryptionKeys {
  return {
    find: async (service, environment, kid) =>
      environment === own ? keystore.find(service, environment, kid) : undefined,
    usable: async (service, environment) =>
      environment === own ? keystore.usable(service, environment) : [],
  };
}

async function readJson(path: string, at: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new JitsuinError('config.invalid', `The file of ${at} cannot be read as JSON.`, { at });
  }
}
