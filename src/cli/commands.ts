import { command as assemble } from './assemble.ts';
import { auditVerify } from './audit.ts';
import { command as c14n } from './c14n.ts';
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { evidenceExport, evidenceVerify } from './evidence.ts';
import { init } from './init.ts';
import { jobsDrop, jobsList, jobsRetry } from './jobs.ts';
import { keysList, keysReseal, keysRetire, keysRotate, keysWrap } from './keys.ts';
import { migrate } from './migrate.ts';
import { openapi } from './openapi.ts';
import { operatorDisable, operatorInvite, operatorList } from './operator.ts';
import { pfKeygen, pfKeys } from './pf.ts';
import { pfConsents, pfLinkSubject, pfStatement } from './pf-accounts.ts';
import { command as prepare } from './prepare.ts';
import { rpKeygen } from './rp.ts';
import { serve, worker } from './serve.ts';
import { sessionsEnd } from './sessions.ts';
import { storeBackup } from './store-backup.ts';
import { storeMove } from './store-move.ts';
import { storeRestored } from './store-restored.ts';
import { command as verify } from './verify.ts';

/** Every command, in the order of the overview. */
export const COMMANDS: readonly Command[] = [
  demo,
  verify,
  c14n,
  prepare,
  assemble,
  init,
  serve,
  worker,
  doctor,
  migrate,
  storeMove,
  storeBackup,
  storeRestored,
  jobsList,
  jobsRetry,
  jobsDrop,
  auditVerify,
  operatorInvite,
  operatorList,
  operatorDisable,
  rpKeygen,
  sessionsEnd,
  keysList,
  keysRotate,
  keysReseal,
  keysRetire,
  keysWrap,
  pfKeygen,
  pfKeys,
  pfStatement,
  pfConsents,
  pfLinkSubject,
  evidenceExport,
  evidenceVerify,
  openapi,
];
