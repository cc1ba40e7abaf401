import type { Certificate } from './certificate-types.ts';
import { ANY_POLICY } from './oids.ts';
import type { WorkBudget } from './path-budget.ts';
import type { PathFailure } from './path-finding.ts';
import type { PathPolicy } from './path-types.ts';
import { PolicyGraph } from './policy-graph.ts';

interface PolicyOutcome {
  readonly failure?: PathFailure;
  readonly policies: readonly string[];
}

/**
 * explicit_policy, policy_mapping and inhibit_anyPolicy (RFC 5280 section 6.1.2): how many more certificates until
 * it binds.
 */
interface Counters {
  explicitPolicy: number;
  policyMapping: number;
  inhibitAnyPolicy: number;
}

/**
 * Certificate policies over a whole path (RFC 5280 sections 6.1.2 to 6.1.5 with RFC 9618).
 * @param path leaf first, anchor last
 * @throws JitsuinError `certificate.limit`
 */
export function checkPolicies(
  path: readonly Certificate[],
  policy: PathPolicy,
  budget: WorkBudget,
): PolicyOutcome {
  const graph = new PolicyGraph(budget);
  const count = path.length - 1;
  const counters: Counters = {
    explicitPolicy: policy.initialExplicitPolicy ? 0 : count + 1,
    policyMapping: policy.initialPolicyMappingInhibit ? 0 : count + 1,
    inhibitAnyPolicy: policy.initialAnyPolicyInhibit ? 0 : count + 1,
  };
  for (let index = count - 1; index >= 0; index--) {
    const certificate = path[index];
    if (certificate === undefined) continue;
    const isLeaf = index === 0;
    const selfIssued = !isLeaf && certificate.issuer.equals(certificate.subject);
    graph.addCertificate(certificate, counters.inhibitAnyPolicy > 0 || selfIssued);
    if (counters.explicitPolicy === 0 && graph.isNull) return noPolicy();
    if (isLeaf) break;
    const failure = prepareNext(certificate, selfIssued, graph, counters);
    if (failure !== undefined) return { failure, policies: [] };
  }
  return wrapUp(path[0], graph, counters, policy);
}

/** Section 6.1.4 (a), (b), (h), (i), (j). */
function prepareNext(
  certificate: Certificate,
  selfIssued: boolean,
  graph: PolicyGraph,
  counters: Counters,
): PathFailure | undefined {
  const mappings = certificate.policyMappings;
  if (mappings !== undefined) {
    const namesAny = mappings.some(
      (mapping) => mapping.issuerDomainPolicy === ANY_POLICY || mapping.subjectDomainPolicy === ANY_POLICY,
    );
    if (namesAny) return policyFailure('A policy mapping names anyPolicy.');
    if (counters.policyMapping > 0) graph.map(mappings);
    else graph.unmap(mappings);
  }
  if (!selfIssued) {
    counters.explicitPolicy = Math.max(0, counters.explicitPolicy - 1);
    counters.policyMapping = Math.max(0, counters.policyMapping - 1);
    counters.inhibitAnyPolicy = Math.max(0, counters.inhibitAnyPolicy - 1);
  }
  tighten(counters, certificate);
  return undefined;
}

function tighten(counters: Counters, certificate: Certificate): void {
  const { requireExplicitPolicy = Infinity, inhibitPolicyMapping = Infinity } =
    certificate.policyConstraints ?? {};
  counters.explicitPolicy = Math.min(counters.explicitPolicy, requireExplicitPolicy);
  counters.policyMapping = Math.min(counters.policyMapping, inhibitPolicyMapping);
  counters.inhibitAnyPolicy = Math.min(counters.inhibitAnyPolicy, certificate.inhibitAnyPolicy ?? Infinity);
}

/** Section 6.1.5 (a), (b) and (g). */
function wrapUp(
  leaf: Certificate | undefined,
  graph: PolicyGraph,
  counters: Counters,
  policy: PathPolicy,
): PolicyOutcome {
  const requiredByLeaf = leaf?.policyConstraints?.requireExplicitPolicy === 0;
  const explicitPolicy = requiredByLeaf ? 0 : Math.max(0, counters.explicitPolicy - 1);
  const policies = graph.userConstrainedPolicySet(policy.initialPolicySet);
  return explicitPolicy === 0 && policies.length === 0 ? noPolicy() : { policies };
}

function noPolicy(): PolicyOutcome {
  return {
    failure: policyFailure('No acceptable certificate policy holds for the whole path.'),
    policies: [],
  };
}

function policyFailure(detail: string): PathFailure {
  return { code: 'certificate.policy', detail };
}
