import type { FaultWorld, Party, ProcessName } from './fault-world.ts';
import type { Moment } from './role-process.ts';

/** Where a process dies: at its n-th commit of an application, or with a request away. */
export type KillPoint =
  | {
      readonly kind: 'commit';
      readonly process: ProcessName;
      readonly commit: number;
      readonly moment: Moment;
    }
  | {
      readonly kind: 'request';
      readonly process: ProcessName;
      readonly request: RequestName;
      readonly moment: Moment;
    };

export type RequestName = keyof typeof REQUESTS;

interface RequestKind {
  readonly process: 'serve' | 'worker' | 'pf worker';
  readonly tap: 'serviceTap' | 'pfTap';
  /** Method and path; a form's body where that decides. */
  readonly pattern: RegExp;
  /** Of the first requests of an application only (a client token and a CRL are kept). */
  readonly rare?: boolean;
}

/** Every call that leaves a process on the way of one application (catalogue section 3.8, steps 3 to 11). */
export const REQUESTS = {
  '3 client token': {
    process: 'serve',
    tap: 'serviceTap',
    pattern: /^POST \S+\/token .*grant_type=client_credentials/,
    rare: true,
  },
  '4 start': { process: 'serve', tap: 'serviceTap', pattern: /^POST \/api\/sign-transactions / },
  '7 code exchange': {
    process: 'serve',
    tap: 'serviceTap',
    pattern: /^POST \S+\/token .*grant_type=authorization_code/,
  },
  '8 key set': { process: 'serve', tap: 'serviceTap', pattern: /^GET \S+\/certs / },
  '9 result': {
    process: 'worker',
    tap: 'serviceTap',
    pattern: /^GET \/api\/sign-transactions\/\S+\/result /,
  },
  '10 hand-off': { process: 'worker', tap: 'pfTap', pattern: /^POST \/v1\/verifications / },
  '12 status': { process: 'worker', tap: 'pfTap', pattern: /^GET \/v1\/verifications\/[^/ ]+ / },
  '11 revocation': {
    process: 'pf worker',
    tap: 'serviceTap',
    pattern: /^\S+ \/simulator\/jpki\//,
    rare: true,
  },
} as const satisfies Record<string, RequestKind>;

const MOMENTS: readonly Moment[] = ['before', 'after'];

/** Who makes this call for this party; undefined where nobody does. */
function senderOf(party: Party, request: RequestName): ProcessName | undefined {
  const { process, tap } = REQUESTS[request];
  if (party === 'sp') return process === 'pf worker' ? process : `sp ${process}`;
  if (tap === 'pfTap') return undefined;
  return process === 'serve' ? 'gov serve' : 'gov worker';
}

/** All points of one application, given how many commits each process made on it. */
export function killPoints(party: Party, commits: ReadonlyMap<ProcessName, number>): readonly KillPoint[] {
  const atCommits = [...commits].flatMap(([process, count]) =>
    Array.from({ length: count }, (_, index) => index + 1).flatMap((commit) =>
      MOMENTS.map((moment): KillPoint => ({ kind: 'commit', process, commit, moment })),
    ),
  );
  const atRequests = (Object.keys(REQUESTS) as RequestName[]).flatMap((request) => {
    const process = senderOf(party, request);
    if (process === undefined) return [];
    return MOMENTS.map((moment): KillPoint => ({ kind: 'request', process, request, moment }));
  });
  return [...atCommits, ...atRequests];
}

export function nameOf(point: KillPoint): string {
  const where = point.kind === 'commit' ? `commit ${point.commit}` : point.request;
  return `${point.process} ${point.moment} ${where}`;
}

/** Makes the point strike once. */
export async function armPoint(world: FaultWorld, point: KillPoint): Promise<void> {
  const process = world.process(point.process);
  if (point.kind === 'commit') return process.arm(point.moment, point.commit);
  const { tap, pattern } = REQUESTS[point.request];
  world[tap].fault = {
    matches: ({ method, path, body }) => pattern.test(`${method} ${path} ${body}`),
    moment: point.moment,
    strike: () => process.kill(point.request),
  };
}

export async function disarm(world: FaultWorld, point: KillPoint): Promise<void> {
  if (point.kind === 'commit') return world.process(point.process).arm('before', 0);
  world[REQUESTS[point.request].tap].fault = undefined;
}
