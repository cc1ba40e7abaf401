import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Environment } from '../../config/names.ts';
import type { LogConfig } from '../../config/parts.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import { type Finding, failed, passed } from './finding.ts';

const ROOT = 'OU=Security Communication RootCA2';
const SOON = 180 * DAY_MILLIS;

/** The runtime itself: version, and that nothing switches TLS verification off. */
export function examineRuntime(env: Environment, version: string): readonly Finding[] {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  const node = recent
    ? passed('node', `Node.js ${version}.`)
    : failed('node', `Node.js ${version} is too old.`, 'Install Node.js 20.19 or newer.');
  const off = env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0';
  const tls = off
    ? failed(
        'tls-verification',
        'NODE_TLS_REJECT_UNAUTHORIZED=0 is set.',
        'Unset it. jitsuin verifies all the same, but nothing on this machine should run like this.',
      )
    : passed('tls-verification', 'Nothing switches the verification of server certificates off.');
  return [node, tls];
}

/**
 * The root above the service's server certificate (guideline, デジタル認証アプリサーバへの接続) is among the roots that this
 * runtime trusts, and when it ends. `roots`: PEM.
 */
export function examineTrustStore(
  env: Environment,
  now: number,
  roots: readonly string[] = rootCertificates,
): Finding {
  const check = 'trust-store';
  const own = (env['NODE_OPTIONS'] ?? '').match(/--use-(?:openssl|system)-ca/)?.[0];
  if (own !== undefined) {
    return {
      check,
      state: 'undecided',
      says: `NODE_OPTIONS has ${own}: another trust store than Node.js's own is used.`,
      advice: 'Make sure that it holds Security Communication RootCA2, or take the option away.',
    };
  }
  const found = [...roots, ...extraRoots(env)]
    .map((pem) => new X509Certificate(pem))
    .filter((certificate) => certificate.subject.split('\n').includes(ROOT));
  const end = Math.max(...found.map((certificate) => Date.parse(certificate.validTo)));
  if (found.length === 0) {
    return failed(
      check,
      'Security Communication RootCA2 is not among the trusted roots.',
      'Get the root from SECOM, compare its fingerprint with the published one, and set ' +
        'NODE_EXTRA_CA_CERTS to its PEM file.',
    );
  }
  const says = `Security Communication RootCA2 is trusted, until ${new Date(end).toISOString().slice(0, 10)}.`;
  if (now >= end)
    return failed(check, says, 'It has ended. Update Node.js and ask the service which root it uses now.');
  if (end - now < SOON) {
    return {
      check,
      state: 'warning',
      says,
      advice: 'Ask the service which root follows, and update Node.js in time.',
    };
  }
  return passed(check, says);
}

function extraRoots(env: Environment): readonly string[] {
  const file = env['NODE_EXTRA_CA_CERTS'] ?? '';
  if (file === '' || !existsSync(file)) return [];
  return (
    readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  );
}

/** The data folder belongs to its owner alone. */
export function examineFolder(dataDir: string): Finding {
  const check = 'data-folder';
  if (!existsSync(dataDir)) {
    return { check, state: 'skipped', says: `${dataDir} is not there yet; it is made at the first start.` };
  }
  const loose = process.platform !== 'win32' && (statSync(dataDir).mode & 0o077) !== 0;
  if (loose) {
    return failed(
      check,
      `${dataDir} can be entered by others.`,
      `Run: chmod 700 ${dataDir}`,
      'config.key-mode',
    );
  }
  return passed(check, `${dataDir} belongs to its owner alone.`);
}

/** Where the log goes, and that this user may write there. */
export function examineLogFolder({ directory, days }: LogConfig): Finding {
  const check = 'log';
  if (directory === undefined) return passed(check, 'Goes to standard output; your platform keeps it.');
  if (!existsSync(directory)) {
    return { check, state: 'skipped', says: `${directory} is not there yet; it is made at the first start.` };
  }
  try {
    if (!statSync(directory).isDirectory()) throw new Error('no folder');
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const says = `${directory} is no folder that this user may write.`;
    return failed(check, says, 'Look at JITSUIN_LOG_DIR and at the owner of that folder.', 'config.invalid');
  }
  const says = `A file a day in ${directory}, kept for ${days} days.`;
  const loose = process.platform !== 'win32' && (statSync(directory).mode & 0o077) !== 0;
  if (!loose) return passed(check, says);
  return {
    check,
    state: 'warning',
    says: `${says} Others can enter it.`,
    advice: `Run: chmod 700 ${directory}`,
  };
}
