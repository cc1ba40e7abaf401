import type { Certificate } from './certificate-types.ts';
import { groupBy } from './group-by.ts';
import { ANY_POLICY } from './oids.ts';
import type { WorkBudget } from './path-budget.ts';

/** A node of the valid_policy_graph (RFC 9618 section 3): one per level and policy, with all of its parents. */
interface PolicyNode {
  readonly validPolicy: string;
  expectedPolicySet: ReadonlySet<string>;
  readonly parents: ReadonlySet<PolicyNode>;
}

type Level = Map<string, PolicyNode>;

/**
 * valid_policy_graph of RFC 5280 section 6.1 as RFC 9618 defines it: a graph instead of a tree, so that mappings
 * cannot make it grow beyond the number of policies named.
 */
export class PolicyGraph {
  /** levels[d] holds the nodes of depth d; empty when the graph is NULL. */
  private levels: Level[];
  private readonly budget: WorkBudget;

  constructor(budget: WorkBudget) {
    const root = {
      validPolicy: ANY_POLICY,
      expectedPolicySet: new Set([ANY_POLICY]),
      parents: new Set<PolicyNode>(),
    };
    this.levels = [new Map([[ANY_POLICY, root]])];
    this.budget = budget;
  }

  get isNull(): boolean {
    return this.levels.length === 0;
  }

  /** Section 6.1.3 (d) and (e). `anyPolicyCounts` is whether anyPolicy in this certificate may be used. */
  addCertificate(certificate: Certificate, anyPolicyCounts: boolean): void {
    const policies = certificate.certificatePolicies;
    const above = this.levels.at(-1);
    if (policies === undefined || above === undefined) {
      this.levels = [];
      return;
    }
    const parentsOf = parentsByExpectedPolicy(above);
    const level: Level = new Map();
    for (const { policy } of policies) {
      if (policy === ANY_POLICY) continue;
      const parents = parentsOf.get(policy) ?? parentsOf.get(ANY_POLICY);
      if (parents !== undefined) this.addNode(level, policy, parents);
    }
    if (anyPolicyCounts && policies.some(({ policy }) => policy === ANY_POLICY)) {
      for (const [policy, parents] of parentsOf) if (!level.has(policy)) this.addNode(level, policy, parents);
    }
    this.levels.push(level);
    this.prune();
  }

  /** Section 6.1.4 (b) (1): policies of this level are continued under the subject's names for them. */
  map(mappings: NonNullable<Certificate['policyMappings']>): void {
    const level = this.levels.at(-1);
    if (level === undefined) return;
    const bySource = groupBy(mappings, (mapping) => mapping.issuerDomainPolicy);
    for (const [source, group] of bySource) {
      const targets = new Set(group.map((mapping) => mapping.subjectDomainPolicy));
      const node = level.get(source);
      const any = level.get(ANY_POLICY);
      if (node !== undefined) node.expectedPolicySet = targets;
      else if (any !== undefined) this.addNode(level, source, any.parents, targets);
    }
  }

  /** Section 6.1.4 (b) (2): mapping is inhibited, so the mapped policies end here. */
  unmap(mappings: NonNullable<Certificate['policyMappings']>): void {
    const level = this.levels.at(-1);
    if (level === undefined) return;
    for (const mapping of mappings) level.delete(mapping.issuerDomainPolicy);
    this.prune();
  }

  /** Section 6.1.5 (g) of RFC 9618: user_constrained_policy_set. */
  userConstrainedPolicySet(initialPolicySet: readonly string[]): readonly string[] {
    const authority = this.authorityConstrainedPolicySet();
    if (initialPolicySet.includes(ANY_POLICY)) return [...authority];
    if (authority.has(ANY_POLICY)) return [...initialPolicySet];
    return initialPolicySet.filter((policy) => authority.has(policy));
  }

  /** Policies in the anchor's own words: nodes right under anyPolicy, and anyPolicy if it reaches the leaf. */
  private authorityConstrainedPolicySet(): ReadonlySet<string> {
    const policies = new Set<string>();
    for (const level of this.levels.slice(1)) {
      for (const node of level.values()) {
        if (node.validPolicy !== ANY_POLICY && isUnderAnyPolicy(node)) policies.add(node.validPolicy);
      }
    }
    if (this.levels.at(-1)?.has(ANY_POLICY)) policies.add(ANY_POLICY);
    return policies;
  }

  private addNode(
    level: Level,
    validPolicy: string,
    parents: ReadonlySet<PolicyNode>,
    expectedPolicySet: ReadonlySet<string> = new Set([validPolicy]),
  ): void {
    level.set(validPolicy, { validPolicy, expectedPolicySet, parents });
    this.budget.require('policyNodes', level.size);
  }

  /** Section 6.1.3 (d) (3): nodes without children go, level by level upward; an empty last level is NULL. */
  private prune(): void {
    for (let depth = this.levels.length - 1; depth > 0; depth--) {
      const used = new Set<PolicyNode>();
      for (const node of this.levels[depth]?.values() ?? [])
        for (const parent of node.parents) used.add(parent);
      const above = this.levels[depth - 1];
      for (const node of above?.values() ?? []) if (!used.has(node)) above?.delete(node.validPolicy);
    }
    if (this.levels.at(-1)?.size === 0) this.levels = [];
  }
}

function isUnderAnyPolicy(node: PolicyNode): boolean {
  for (const parent of node.parents) if (parent.validPolicy === ANY_POLICY) return true;
  return false;
}

function parentsByExpectedPolicy(level: Level): Map<string, Set<PolicyNode>> {
  const parents = new Map<string, Set<PolicyNode>>();
  for (const node of level.values()) {
    for (const policy of node.expectedPolicySet) {
      const set = parents.get(policy) ?? new Set<PolicyNode>();
      parents.set(policy, set.add(node));
    }
  }
  return parents;
}
