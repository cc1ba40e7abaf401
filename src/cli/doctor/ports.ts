import { createServer } from 'node:net';
import { type Finding, failed, passed } from './finding.ts';

export interface NamedPort {
  /** The variable that sets it. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
}

const PATIENCE = 2_000;

/** Each port is free, or a process of ours has it. */
export function examinePorts(ports: readonly NamedPort[]): Promise<readonly Finding[]> {
  return Promise.all(ports.filter(({ port }) => port !== 0).map(examinePort));
}

async function examinePort({ variable, host, port }: NamedPort): Promise<Finding> {
  const check = `port-${variable}`;
  const fault = await bind(host, port);
  if (fault === undefined) return passed(check, `Port ${port} (${variable}) is free.`);
  if (fault === 'EADDRINUSE') {
    if (await isOurs(host, port))
      return passed(check, `Port ${port} (${variable}) is held by a jitsuin that runs.`);
    return failed(
      check,
      `Port ${port} (${variable}) is taken by another program.`,
      `Choose another port in ${variable}, or stop what listens there (ss -ltnp 'sport = :${port}').`,
      'config.invalid',
    );
  }
  const advice =
    fault === 'EACCES'
      ? `Take a port from 1024 on in ${variable}, or give the process CAP_NET_BIND_SERVICE.`
      : `${host} is no address of this machine: look at the host that belongs to ${variable}.`;
  return failed(
    check,
    `Nobody may listen at port ${port} of ${host} (${fault}, ${variable}).`,
    advice,
    'config.invalid',
  );
}

function bind(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error ? String(error.code) : 'unknown'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isOurs(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  try {
    const answer = await fetch(`http://${name.includes(':') ? `[${name}]` : name}:${port}/livez`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.status === 200 && (await answer.text()) === '{"status":"ok"}';
  } catch {
    return false;
  }
}
