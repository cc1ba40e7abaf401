import { readGovConfig } from '../../config/gov.ts';
import type { Examination } from './command.ts';
import { examineRelyingParty } from './relying-party.ts';
import { examineVerifier } from './verifier.ts';

export const examineGov: Examination = async (env, token, options) => {
  const config = readGovConfig(env, options);
  return [...(await examineRelyingParty('gov', config, token)), ...(await examineVerifier(config))];
};
