import { systemClock } from '../../adapters/clock.ts';
import type { ProxySettings } from '../../adapters/http-client/forward-proxy.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { loadClientKeys } from '../../adapters/keys/client-key-file.ts';
import { systemRandom } from '../../adapters/random.ts';
import type { LoginConfig } from '../../config/login.ts';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import type { LeaseStore } from '../../ports/lease-store.ts';
import { type Finding, passed } from './finding.ts';
import { examineForms } from './forms.ts';
import { examineRelyingPartyKeys } from './keys.ts';
import { examineLoginProof } from './login-proof.ts';
import { examineFolder, examineLogFolder } from './machine.ts';
import { examinePorts, type NamedPort } from './ports.ts';
import { examinePublicUrl } from './public-url.ts';
import { examineService } from './service.ts';
import { examineStorage } from './storage.ts';

type Config = RelyingPartyConfig & {
  readonly environment: 'test' | 'production';
  readonly login?: LoginConfig;
};

/** What sp and gov have in common. `withToken`: ask the service for one client token. */
export async function examineRelyingParty(
  role: 'sp' | 'gov',
  config: Config,
  withToken: boolean,
): Promise<readonly Finding[]> {
  return [
    passed('configuration', `Complete; environment "${config.environment}", issuer ${config.issuer}.`),
    examineFolder(config.dataDir),
    examineLogFolder(config.log),
    await examineForms(config.formsDir),
    ...(await examineRelyingPartyKeys(config)),
    ...(await examinePorts(portsOf(config))),
    ...(await examineStorage(role, config)),
    await examineOwnUrl(config),
    sayRate(config.serviceRate),
    ...(await examineIssuer(config, config, 'service', withToken)),
    ...(config.login?.provider === 'broker' ? await examineIssuer(config, config.login, 'login', false) : []),
  ];
}

/** Transaction, code for tokens, result; the client's token and the service's keys are kept. */
const CALLS_OF_AN_APPLICATION = 3;

function sayRate(rate: number): Finding {
  const applications = Math.floor((10 * rate) / CALLS_OF_AN_APPLICATION) / 10;
  return passed(
    'service-rate',
    `JITSUIN_SERVICE_RATE=${rate}: at most ${rate} calls a second to the service over all processes, which is ` +
      `${applications} applications a second (${CALLS_OF_AN_APPLICATION} calls each).`,
  );
}

/** The ports that the processes of a role listen at, with the variables that set them. */
export function portsOf({ host, port, management, console }: PortsConfig): readonly NamedPort[] {
  const own = [
    { variable: 'JITSUIN_PORT', host, port },
    management && { variable: 'JITSUIN_MANAGEMENT_PORT', ...management },
    console && { variable: 'JITSUIN_CONSOLE_PORT', host: console.host, port: console.port },
  ];
  return own.filter((one) => one !== undefined);
}

interface PortsConfig {
  readonly host: string;
  readonly port: number;
  readonly management?: { readonly host: string; readonly port: number };
  readonly console?: { readonly host: string; readonly port: number };
}

/** @param config of any role whose pages or API others reach at `publicUrl` */
export async function examineOwnUrl(
  config: {
    readonly publicUrl: string;
    readonly loopbackHttp: 'refused' | 'allowed';
  } & ProxySettings,
): Promise<Finding> {
  const { publicUrl, loopbackHttp } = config;
  const http = createHttpClient({ allowedHosts: [new URL(publicUrl).host], loopbackHttp, proxy: config });
  try {
    return await examinePublicUrl(publicUrl, http);
  } finally {
    http.close();
  }
}

async function examineIssuer(
  config: Config,
  provider: Config | LoginConfig,
  name: string,
  withToken: boolean,
): Promise<readonly Finding[]> {
  const broker = 'endpointOrigins' in provider ? provider : undefined;
  const hosts = [provider.issuer, ...(broker?.endpointOrigins ?? [])].map((url) => new URL(url).host);
  const http = createHttpClient({ allowedHosts: hosts, loopbackHttp: config.loopbackHttp, proxy: config });
  try {
    const found = await examineService(
      {
        issuer: provider.issuer,
        clientId: provider.clientId,
        clientKeys: withToken ? (await loadClientKeys(config.clientKeyFile)).clientKeys : UNUSED,
        http,
        clock: systemClock,
        random: systemRandom(),
        leases: NOTHING_KEPT,
        allowLoopbackHttp: config.loopbackHttp === 'allowed',
        iatWindowMillis: config.stateLife,
        ...(broker && tokenRules(broker)),
      },
      name,
      withToken,
      provider,
    );
    return broker === undefined
      ? found
      : [...found, await examineLoginProof(broker, http, config.loopbackHttp)];
  } finally {
    http.close();
  }
}

function tokenRules({ tokenAlgorithm, keyAlgorithm, endpointOrigins, attributes }: LoginConfig) {
  return { tokenAlgorithm, keyAlgorithm, otherOrigins: endpointOrigins, userInfo: attributes };
}

const UNUSED: ClientKeys = { signAssertion: () => Promise.reject(new Error('no token is asked for')) };

/** The token of the check is not kept anywhere. */
const NOTHING_KEPT: LeaseStore = {
  read: () => Promise.resolve(undefined),
  acquire: () => Promise.resolve(true),
  takePermit: (_name, now) => Promise.resolve(now),
  write: () => Promise.resolve(),
  release: () => Promise.resolve(),
  purge: () => Promise.resolve(0),
};
