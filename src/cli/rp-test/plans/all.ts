import { type Bench, openFlow } from '../bench.ts';
import type { ModuleResult, PlanName } from '../verdict.ts';
import { hostilePlan, keysPlan, maintenancePlan } from './answers.ts';
import { errorRowsPlan } from './error-rows.ts';
import { loginPlan } from './login.ts';
import { logoutPlan } from './logout.ts';
import { ratePlan } from './rate.ts';
import { refreshPlan } from './refresh.ts';
import { signaturePlan } from './signature.ts';

/** Each module of these plans, in order. What cannot be exercised says why. */
export async function runPlans(bench: Bench, plans: readonly PlanName[]): Promise<readonly ModuleResult[]> {
  const login = await openFlow(bench, 'login');
  const signature = await openFlow(bench, 'signature');
  const any = login.works || !signature.works ? login : signature;
  const runs: Readonly<Record<PlanName, () => Promise<readonly ModuleResult[]>>> = {
    login: () => loginPlan(bench, login),
    signature: () => signaturePlan(bench, signature),
    'error-rows': () => errorRowsPlan(bench, login, signature),
    refresh: () => refreshPlan(bench, login),
    logout: () => logoutPlan(bench, login),
    keys: () => keysPlan(bench, any),
    maintenance: () => maintenancePlan(bench, login, signature),
    hostile: () => hostilePlan(bench, login, signature),
    rate: () => ratePlan(bench, login, signature),
  };
  const results: ModuleResult[] = [];
  for (const plan of plans) results.push(...(await runs[plan]()));
  bench.simulator.faults.clear();
  return results;
}
