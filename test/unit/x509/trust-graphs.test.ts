import { describe, expect, it } from 'vitest';
import {
  BRIDGE,
  caseName,
  FAULTS,
  type Fault,
  type GraphCase,
  graphCases,
  judgedGraph,
  LINE,
  leadsToEnd,
  MUTUAL,
  ORDERS,
  TRUST_GRAPHS,
} from '../../support/pki/trust-graphs.ts';

const OF_BRIDGE: readonly Fault[] = ['expired', 'other-purpose'];
const faults = Object.keys(FAULTS) as Fault[];

/**
 * The small graphs whole; of the bridge, whose search is long, two faults of the arrows on the way to the end entity.
 * All of them: `npm run conformance`.
 */
const short = graphCases('singles').filter(
  ({ graph, broken, fault }) =>
    graph !== BRIDGE ||
    (broken.every(([, to]) => ['Bridge', 'X', 'L', 'N'].includes(to)) && OF_BRIDGE.includes(fault)),
);

describe('a path through a graph of trust is found exactly where valid arrows lead', () => {
  it.each(TRUST_GRAPHS.map((graph) => [graph.name, graph] as const))('%s', (_name, graph) => {
    const cases = short.filter((one) => one.graph === graph);
    expect(cases.length).toBeGreaterThan(5);
    for (const one of cases)
      for (const order of graph === BRIDGE ? ORDERS.slice(1, 2) : ORDERS)
        expect(judgedGraph(one, order), `${caseName(one)}, ${order}`).toBe(leadsToEnd(one));
  });
});

describe('the answers by which it is measured', () => {
  it('are of both kinds, for each fault', () => {
    for (const fault of faults) {
      const answers = short.filter((one) => one.fault === fault && one.broken.length > 0).map(leadsToEnd);
      expect(new Set(answers)).toEqual(new Set([true, false]));
    }
  });

  it('a cut graph leads nowhere, a graph with a way round does', () => {
    const cut: GraphCase = { graph: LINE, anchor: 'TA', broken: [['TA', 'ICA']], fault: 'expired' };
    expect(leadsToEnd(cut)).toBe(false);
    const around: GraphCase = { graph: MUTUAL, anchor: 'TA', broken: [['TA', 'A']], fault: 'expired' };
    expect(leadsToEnd(around)).toBe(true);
  });
});
