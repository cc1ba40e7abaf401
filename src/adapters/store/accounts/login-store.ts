import { type Selectable, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { Failure } from '../../../core/sign-transaction/events.ts';
import type { LoginAttempt, LoginOutcome, LoginStore } from '../../../ports/login-store.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { type RecordSeal, recordSeal } from '../records/sealing.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { LoginTable } from '../schema/schema.ts';

type Secrets = Pick<LoginAttempt, 'browserHash' | 'state' | 'nonce' | 'codeVerifier'>;

export function openLoginStore({ connection, sealer, rows }: StoreContext): LoginStore {
  const { db } = connection;
  const change = async (stateHash: string, from: LoginOutcome['kind'], to: LoginOutcome) => {
    const where = sql<boolean>`state_hash = ${stateHash} and outcome = ${from}`;
    const change = { table: 'login_attempts', where, set: outcomeColumns(to) } as const;
    return (await guarded(() => changeRows(db, rows, change))) === 1;
  };
  return {
    insert: async (attempt) => {
      const row = rows.sealed('login_attempts', loginRow(sealer, attempt));
      await guarded(() => db.insertInto('login_attempts').values(row).execute());
    },
    find: async (stateHash) => {
      const row = await guarded(() =>
        db.selectFrom('login_attempts').selectAll().where('state_hash', '=', stateHash).executeTakeFirst(),
      );
      return row === undefined ? undefined : attemptOf(sealer, rows.checked('login_attempts', row));
    },
    claim: (stateHash) => change(stateHash, 'sent', { kind: 'claimed' }),
    finish: async (stateHash, outcome) => {
      await change(stateHash, 'claimed', outcome);
    },
    purge: async (before) => {
      const gone = await guarded(() =>
        db.deleteFrom('login_attempts').where('expires_at', '<', before).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}

function sealOf(sealer: Sealer, stateHash: string): RecordSeal {
  return recordSeal(sealer, { table: 'login_attempts', record: stateHash, tenant: '' });
}

function outcomeColumns(outcome: LoginOutcome): Pick<Selectable<LoginTable>, 'outcome' | 'failure'> {
  const failure = outcome.kind === 'failed' ? JSON.stringify(outcome.failure) : null;
  return { outcome: outcome.kind, failure };
}

function loginRow(sealer: Sealer, attempt: LoginAttempt): Omit<Selectable<LoginTable>, 'mac'> {
  const { stateHash, browserHash, state, nonce, codeVerifier, returnTo, createdAt, expiresAt } = attempt;
  const secrets: Secrets = { browserHash, state, nonce, codeVerifier };
  return {
    state_hash: stateHash,
    sealed_secrets: sealOf(sealer, stateHash).sealText('sealed_secrets', JSON.stringify(secrets)),
    return_to: returnTo,
    ...outcomeColumns(attempt.outcome),
    created_at: createdAt,
    expires_at: expiresAt,
  };
}

function attemptOf(sealer: Sealer, row: Selectable<LoginTable>): LoginAttempt {
  const text = sealOf(sealer, row.state_hash).openText('sealed_secrets', row.sealed_secrets);
  // written by this store only, and authenticated by the seal
  const secrets = JSON.parse(text) as Secrets;
  return {
    stateHash: row.state_hash,
    ...secrets,
    returnTo: row.return_to,
    outcome: outcomeOf(row),
    createdAt: row.created_at as EpochMillis,
    expiresAt: row.expires_at as EpochMillis,
  };
}

function outcomeOf({ outcome, failure }: Selectable<LoginTable>): LoginOutcome {
  if (outcome === 'failed') return { kind: 'failed', failure: JSON.parse(failure ?? '{}') as Failure };
  return { kind: outcome === 'done' || outcome === 'claimed' ? outcome : 'sent' };
}
