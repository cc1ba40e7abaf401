import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

function openssl(folder: string, ...args: readonly string[]): void {
  const ran = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${ran.stderr}`);
}

/** `ca.pem` of a CA of one's own, and `server.key` with `server.pem` for the host `localhost` alone. */
export function makeCertificates(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-keyout', 'ca.key', '-out', 'ca.pem'];
  openssl(folder, 'req', '-x509', ...key, '-days', '2', '-subj', '/CN=CA of our own', ...ca);
  openssl(folder, 'req', ...key, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl(folder, 'x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
  chmodSync(join(folder, 'server.key'), 0o600);
  chmodSync(join(folder, 'ca.pem'), 0o644);
}
