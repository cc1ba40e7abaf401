import { caseName, graphCases, judgedGraph, leadsToEnd, ORDERS } from '../support/pki/trust-graphs.ts';
import type { Suite } from './suite.ts';
import { verdictsAgainst } from './support/verdicts.ts';

/** Path building after the description of BetterTLS, with certificates made here: nothing is read from the folder. */
export const trustGraphsSuite: Suite = {
  name: 'trust-graphs',
  folder: '.',
  run() {
    const verdicts = graphCases('pairs').flatMap((one) =>
      ORDERS.map((order) => ({
        name: `${caseName(one)}, ${order}`,
        expected: leadsToEnd(one),
        accepted: judgedGraph(one, order),
        detail: '',
      })),
    );
    return verdictsAgainst(verdicts, new Map());
  },
};
