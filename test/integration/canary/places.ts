import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '../../../src/cli/demo/wire-tap.ts';
import type { CanaryWorld, Role } from './canary-world.ts';
import type { MarkKind, Place } from './marks.ts';

/** Everything that was logged and counted, the command line, every file of the data folders but the key files, and every answer. */
export async function gatherPlaces(canary: CanaryWorld): Promise<readonly Place[]> {
  return [
    { name: 'log', octets: Buffer.from(canary.written.join(''), 'utf8') },
    { name: 'log, as octets', octets: Buffer.from(canary.written.join(''), 'latin1') },
    { name: 'metrics', octets: Buffer.from(await canary.metrics(), 'utf8') },
    { name: 'process arguments', octets: Buffer.from(canary.processArguments, 'latin1') },
    ...(['sp', 'gov', 'pf'] as const).flatMap((role) => filesOf(canary, role)),
    ...(['sp', 'gov', 'pf'] as const).flatMap((role) =>
      canary.exchanges[role].map((exchange) => answerOf(role, exchange)),
    ),
  ];
}

function filesOf(canary: CanaryWorld, role: Role): readonly Place[] {
  const env = canary.env(role);
  const keyFiles = new Set(
    Object.entries(env)
      .filter(([name]) => name.endsWith('_FILE'))
      .map(([, path]) => path),
  );
  keyFiles.add(join(env['JITSUIN_DATA_DIR'] ?? '', `${role}.subject-key`));
  return readdirSync(env['JITSUIN_DATA_DIR'] ?? '', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !keyFiles.has(path))
    .map((path) => ({ name: `${role} file ${path.split('/').at(-1)}`, octets: readFileSync(path) }));
}

/** What a role said to somebody: status line, headers (cookies are set on purpose) and body. */
function answerOf(role: Role, exchange: Exchange): Place {
  const { method, path, status, location = '', contentType, responseBody } = exchange;
  const route = `${method} ${path.split('?', 1)[0]?.replace(/[0-9a-f-]{36}/, ':id')}`;
  const allowed: readonly MarkKind[] = [
    ...(ALLOWED[role].get(route) ?? []),
    ...(isAuthorization(location) ? SENT : []),
  ];
  return {
    name: `${role} answered ${route} ${status}`,
    octets: Buffer.from(`${location}\n${contentType}\n${responseBody}`, 'utf8'),
    allowed,
  };
}

/** The redirect to the service carries them; that is their purpose. */
const SENT: readonly MarkKind[] = ['state', 'nonce'];

function isAuthorization(location: string): boolean {
  return location.includes('/protocol/openid-connect/auth?');
}

/** Who may be told what: the citizen logged in reads their own attributes, the signer reads what is signed, an agency reads what it verified. */
const ALLOWED: Readonly<Record<Role, ReadonlyMap<string, readonly MarkKind[]>>> = {
  sp: new Map([
    ['GET /account', ['attribute']],
    ['GET /applications/:id/sign', ['document']],
  ]),
  gov: new Map([
    ['GET /account', ['attribute']],
    ['GET /applications/:id/sign', ['document']],
    ['GET /v1/applications/:id/document', ['certificate', 'result', 'attribute', 'document']],
    ['GET /v1/applications/:id/evidence', ['certificate', 'result', 'attribute', 'document']],
  ]),
  pf: new Map(),
};
