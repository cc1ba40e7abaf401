import { operatorInvite } from '../../src/cli/operator.ts';
import type { StaffRole } from '../../src/ports/staff-store.ts';
import { SoftwareAuthenticator } from './software-authenticator.ts';

/** Somebody of the staff at a running console. */
export interface ConsoleVisit {
  /** GET, or POST of a form where there are fields; the session's token goes along. */
  ask(path: string, fields?: Readonly<Record<string, string>>): Promise<Response>;
  page(path: string): Promise<string>;
}

/** Invites by `jitsuin operator invite`, registers a passkey behind the link, and so is logged in. */
export async function visitConsole(
  at: 'sp' | 'gov' | 'pf',
  origin: string,
  roleEnv: Readonly<Record<string, string>>,
  role: StaffRole,
): Promise<ConsoleVisit> {
  let cookie = '';
  let csrf = '';
  const ask = async (path: string, fields?: Readonly<Record<string, string>>) => {
    const body =
      fields === undefined ? {} : { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) };
    const answer = await fetch(`${origin}${path}`, {
      ...body,
      redirect: 'manual',
      headers: { Cookie: cookie, Origin: origin },
    });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      if (!pair.endsWith('=')) cookie = pair;
    }
    return answer;
  };
  const said: string[] = [];
  const io = { stdout: (text: string) => void said.push(text), stderr: () => undefined, isTty: false };
  const args = ['--at', at, '--role', role, '--name', `模擬 ${role}`];
  const env = { ...roleEnv, JITSUIN_CONSOLE_PORT: new URL(origin).port };
  const status = await operatorInvite.run(args, { ...io, env, signal: new AbortController().signal });
  const [link = ''] = said.join('').split('\n');
  if (status !== 0 || !link.startsWith(`${origin}/console/enrol#`)) throw new Error(`no invitation: ${link}`);
  const page = await (await ask('/console/enrol', { code: link.split('#')[1] ?? '' })).text();
  const options = JSON.parse((/data-options="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&quot;', '"'));
  const passkey = new SoftwareAuthenticator().create({
    ...{ rpId: 'localhost', origin, challenge: options.challenge },
  });
  const entered = await ask('/console/enrol/passkey', { passkey });
  if (entered.headers.get('location') !== '/console') throw new Error(`not let in: ${entered.status}`);
  csrf = /name="csrf" value="([^"]+)"/.exec(await (await ask('/console/records')).text())?.[1] ?? '';
  return { ask, page: async (path) => (await ask(path)).text() };
}
