import type { Response } from 'express';
import { queueInstruction } from '../../../src/adapters/queue/retry-policy.ts';
import type { ApplicationId } from '../../../src/core/brand.ts';
import { asJitsuinError, type JitsuinError } from '../../../src/core/errors.ts';
import type { AuthAndSign } from '../../../src/ports/auth-and-sign.ts';
import type { LoginPorts } from '../../../src/ports/login.ts';
import type { LoginAttempt, LoginStore } from '../../../src/ports/login-store.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { beginLogin, handleLoginCallback } from '../../../src/rp/login.ts';
import type { RelyingParty } from '../../../src/rp/relying-party.ts';
import { startSignature } from '../../../src/rp/start-signature.ts';
import { showResult } from '../../../src/web/account/respond.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { BROWSER, received, stored } from '../../support/flow.ts';
import type { Consequence, Step } from './outcomes.ts';

/** A relying party in memory whose client of the service is the real one. */
export type Scene = Omit<FakeWorld, 'authAndSign'> & RelyingParty;

/** `said`: parameters of the redirect back in the place of a code, for the step `authorize`. */
export interface Play {
  readonly authAndSign: AuthAndSign & LoginPorts['loginProvider'];
  readonly said?: Readonly<Record<string, string>>;
  /** Tells the service which nonce its ID token must name, and that what it sees from now on counts. */
  sent(url: URL): void;
  failing(): void;
}

export function sceneOf({ authAndSign }: Pick<Play, 'authAndSign'>): Scene {
  return { ...fakeWorld(), authAndSign };
}

/** Plays the flow up to and with the step; what came of it. */
export async function play(step: Step, with_: Play): Promise<Consequence | string> {
  const scene = sceneOf(with_);
  if (step === 'login') return playLogin(scene, with_);
  const { id } = await received({ ...fakeWorld(), ...scene } as FakeWorld);
  if (step === 'client-token' || step === 'start') {
    with_.failing();
    return judged(scene, id, async () => startSignature(scene, await application(scene, id)));
  }
  const url = new URL(await authorize(scene, await application(scene, id), BROWSER));
  with_.sent(url);
  const state = url.searchParams.get('state') ?? '';
  const back = (fields: Readonly<Record<string, string>>) =>
    handleCallback(scene, new URLSearchParams({ state, ...fields }), BROWSER);
  if (step === 'authorize' || step === 'code') {
    with_.failing();
    return judged(scene, id, () => back(with_.said ?? { code: 'MARK-code' }));
  }
  await back({ code: 'MARK-code' });
  with_.failing();
  return judged(scene, id, () => fetchResult(scene, id));
}

function application(scene: Pick<Scene, 'applications'>, id: ApplicationId) {
  return stored({ ...fakeWorld(), ...scene } as FakeWorld, id);
}

const ENDS: Readonly<Record<string, Consequence>> = {
  refused: 'citizen',
  'restart-needed': 'restart',
  failed: 'operator',
};

/** Reads the consequence off the record, the log and the queue's instruction; anything unexpected comes out in words. */
export async function judged(
  scene: Pick<Scene, 'applications' | 'log'>,
  id: ApplicationId,
  act: () => Promise<unknown>,
): Promise<Consequence | string> {
  const before = (await application(scene, id)).state;
  const thrown = await act().then(() => undefined, asJitsuinError);
  const { state } = await application(scene, id);
  const alarm = scene.log.lines.some(({ level }) => level === 'error');
  if (thrown !== undefined) {
    if (state !== before || !backsOff(thrown)) return `${thrown.code} in ${state}`;
    return alarm ? 'retry+operator' : 'retry';
  }
  const end = ENDS[state] ?? `state ${state}`;
  if (end === 'restart' && alarm) return 'restart+operator';
  return alarm === (end === 'operator') ? end : `${end}, alarm ${alarm}`;
}

/** True when the queue runs it again, each wait twice the last. */
function backsOff(error: JitsuinError): boolean {
  const limits = { maxAttempts: 100, backoffMillis: 1_000 };
  return [1, 2, 3].every((attempt) => {
    const instruction = queueInstruction(error.code, attempt, limits, 0);
    return instruction.kind === 'retry' && instruction.delayMillis === 1_000 * 2 ** (attempt - 1);
  });
}

async function playLogin(scene: Scene, { authAndSign, sent, failing }: Play): Promise<Consequence | string> {
  const ports: LoginPorts = {
    ...{ sessions: scene.sessions, clock: scene.clock, random: scene.random, audit: scene.audit },
    ...{ loginProvider: authAndSign, logins: memoryLogins() },
    loginSettings: {
      ...{ issuer: scene.settings.issuer, redirectUri: scene.settings.redirectUri, stateLife: 600_000 },
      ...{ scope: ['openid', 'name'], attributes: 'userinfo', hashSubject: scene.settings.hashSubject },
    },
  };
  const url = new URL(await beginLogin(ports, BROWSER, '/account'));
  sent(url);
  failing();
  const query = new URLSearchParams({ state: url.searchParams.get('state') ?? '', code: 'MARK-code' });
  const result = await handleLoginCallback(ports, query, BROWSER, undefined);
  showResult(scene.log, nowhere(), result);
  if (result.outcome.kind !== 'failed' || scene.sessions.sessions.size > 0) return result.outcome.kind;
  return scene.log.lines.some(({ level }) => level === 'error') ? 'login-ends+operator' : 'login-ends';
}

function memoryLogins(): LoginStore {
  const attempts = new Map<string, LoginAttempt>();
  return {
    insert: async (attempt) => void attempts.set(attempt.stateHash, attempt),
    find: async (stateHash) => attempts.get(stateHash),
    claim: async (stateHash) => attempts.has(stateHash),
    finish: async () => undefined,
    purge: async () => 0,
  };
}

/** A response that nobody reads. */
function nowhere(): Response {
  const response = { locals: {}, status: () => response, type: () => response, send: () => response };
  return response as unknown as Response;
}
