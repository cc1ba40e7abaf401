import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../adapters/clock.ts';
import { openPfKeysModule } from '../../adapters/keys/pf-keys-module.ts';
import { openPfKeystore } from '../../adapters/keys/pf-keystore.ts';
import { readPassphraseFile } from '../../adapters/keys/pf-passphrase.ts';
import { loadReceiptKey } from '../../adapters/keys/pf-receipt-key.ts';
import type { PfConfig } from '../../config/pf.ts';
import { pkcs11Of } from '../../config/pkcs11.ts';
import { readPfTenants } from '../../roles/pf/tenants.ts';
import { examineAgreements } from './decryption-keys.ts';
import { examine, type Finding, failed, passed } from './finding.ts';
import { examineForms } from './forms.ts';
import { examineFolder, examineLogFolder } from './machine.ts';
import { examinePorts } from './ports.ts';
import { examineOwnUrl, portsOf } from './relying-party.ts';
import { examineStorage } from './storage.ts';
import { examineToken } from './token.ts';
import { examineVerifier } from './verifier.ts';

/** The platform operator: keystore with its passphrase, receipt key, tenants, trust anchors, store and queue. */
export async function examinePf(config: PfConfig): Promise<readonly Finding[]> {
  return [
    passed('configuration', `Complete; environment "${config.environment}".`),
    examineFolder(config.dataDir),
    examineLogFolder(config.log),
    await examineForms(config.formsDir),
    ...(await examineAllKeys(config)),
    await examineTenants(config),
    ...(await examineVerifier(config)),
    ...(await examinePorts(portsOf(config))),
    ...(await examineStorage('pf', config)),
    ...(config.publicUrl === undefined
      ? []
      : [await examineOwnUrl({ ...config, publicUrl: config.publicUrl })]),
  ];
}

async function examineAllKeys(config: PfConfig): Promise<readonly Finding[]> {
  const pkcs11 = pkcs11Of(config);
  if (pkcs11 === undefined) return [...(await examineKeys(config)), await examineReceiptKey(config)];
  const { keys } = pkcs11;
  const findings = await examineToken(pkcs11, config.environment);
  if (!keys.has('decryption')) findings.push(...(await examineKeys(config)));
  if (!keys.has('receipts')) findings.push(await examineReceiptKey(config));
  return findings;
}

async function examineKeys(config: PfConfig): Promise<readonly Finding[]> {
  const { keysModule, environment } = config;
  if (keysModule === undefined) return examineKeystore(config);
  const check = 'pf-keys-module';
  const module = await examine(
    check,
    async () => {
      await openPfKeysModule(keysModule, environment);
      return passed(check, `${keysModule} gives the decryption keys; which ones, it does not say.`);
    },
    () => 'See samples/decryption-keys/README.md for what the module must export.',
  );
  return [module];
}

async function examineKeystore(config: PfConfig): Promise<readonly Finding[]> {
  const check = 'pf-keystore';
  const agreements: Finding[] = [];
  const keystoreFinding = await examine(
    check,
    async () => {
      if (!existsSync(config.keystoreFile)) {
        return failed(
          check,
          `${config.keystoreFile} is not there: no bundle can be opened.`,
          `Run: jitsuin pf keygen --service NAME --environment ${config.environment}`,
        );
      }
      const passphrase = await readPassphraseFile(config.keystorePassphraseFile);
      const keystore = await openPfKeystore({ file: config.keystoreFile, passphrase, clock: systemClock });
      const keys = (await keystore.list()).filter(({ environment }) => environment === config.environment);
      const active = keys.filter(({ state }) => state === 'active');
      const says =
        `${keys.length} key(s) for "${config.environment}", active: ` +
        `${active.map(({ kid, service }) => `${service}/${kid}`).join(', ') || 'none'}.`;
      if (keys.length > 0) agreements.push(await examineAgreements(keystore, config.environment));
      if (active.length > 0) return passed(check, says);
      return failed(check, says, `Run: jitsuin pf keygen --service NAME --environment ${config.environment}`);
    },
    (error) =>
      error.code === 'config.key-mode'
        ? `Run: chmod 600 ${error.at ?? config.keystoreFile}`
        : 'Keystore and passphrase must belong together; restore both from their backups.',
  );
  return [keystoreFinding, ...agreements];
}

function examineReceiptKey({ receiptKeyFile: file }: PfConfig): Promise<Finding> {
  const check = 'receipt-key';
  return examine(
    check,
    async () => {
      if (!existsSync(file)) {
        return { check, state: 'skipped', says: 'Not there yet; it is made at the first start.' };
      }
      const { jwks } = await loadReceiptKey(file);
      return passed(check, `${jwks.keys.length} key(s) in ${file}.`);
    },
    (error) => (error.code === 'config.key-mode' ? `Run: chmod 600 ${file}` : 'Restore it from its backup.'),
  );
}

function examineTenants({ tenantsFile }: PfConfig): Promise<Finding> {
  const check = 'tenants';
  return examine(
    check,
    async () => {
      readPfTenants(JSON.parse(await readFile(tenantsFile, 'utf8')));
      return passed(check, `Tenants are read from ${tenantsFile}.`);
    },
    () => `Compare ${tenantsFile} with the example that "jitsuin init" writes.`,
  );
}
