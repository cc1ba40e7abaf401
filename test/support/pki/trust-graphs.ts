import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import { validateCertificationPath } from '../../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../../src/verifier/x509/path-policy.ts';
import { generalName } from './der-encode.ts';
import { extensions } from './extension-encode.ts';
import { issueCertificate, TEST_NOW, type TestIdentity } from './test-pki.ts';

/**
 * Path building after the published description of BetterTLS (bettertls.com/pathbuilding): an entity is a name with a
 * key, an arrow a certificate that one issued to another, and there is a path exactly when valid arrows lead from the
 * trusted entity to the end entity. The graphs of its pages (a line, two roots, RFC 4158 figures 7 and 8); the
 * certificates, orders and faults are made here.
 */
export type Arrow = readonly [from: string, to: string];

export interface TrustGraph {
  readonly name: string;
  readonly arrows: readonly Arrow[];
  /** Which entities may be trusted in a case. */
  readonly anchors: readonly string[];
}

const END = 'EE';
const both = (one: string, other: string): readonly Arrow[] => [
  [one, other],
  [other, one],
];

export const LINE: TrustGraph = {
  name: 'line',
  arrows: [
    ['TA', 'ICA'],
    ['ICA', END],
  ],
  anchors: ['TA'],
};
export const TWO_ROOTS: TrustGraph = {
  name: 'two roots',
  arrows: [
    ['Root1', 'ICA'],
    ['Root2', 'ICA'],
    ['ICA', END],
  ],
  anchors: ['Root1', 'Root2'],
};
/** RFC 4158 section 2.3: two CAs that certified each other, both above a third. */
export const MUTUAL: TrustGraph = {
  name: 'mutual',
  arrows: [['TA', 'A'], ['TA', 'C'], ...both('A', 'C'), ['A', 'B'], ['C', 'B'], ['B', END]],
  anchors: ['TA'],
};
/** RFC 4158 section 2.4: four PKIs of their own shapes around a bridge. */
export const BRIDGE: TrustGraph = {
  name: 'bridge',
  arrows: [
    ...['W', 'X', 'Y', 'Z'].flatMap((anchor) => both(anchor, 'Bridge')),
    ...([
      ['W', 'F'],
      ['W', 'G'],
      ['F', 'H'],
      ['G', 'I'],
    ] as const),
    ...both('F', 'G'),
    ...both('H', 'I'),
    ...([
      ['X', 'J'],
      ['X', 'L'],
      ['J', 'K'],
      ['L', 'M'],
      ['L', 'N'],
      ['N', END],
    ] as const),
    ...([
      ['Y', 'A'],
      ['Y', 'C'],
      ['A', 'B'],
      ['C', 'B'],
      ['B', 'D'],
      ['B', 'E'],
    ] as const),
    ...both('A', 'C'),
    ...([
      ['Z', 'O'],
      ['Z', 'P'],
      ['O', 'Q'],
      ['O', 'R'],
      ['R', 'S'],
      ['R', 'T'],
      ['P', 'S'],
    ] as const),
  ],
  anchors: ['W', 'X', 'Y', 'Z'],
};
export const TRUST_GRAPHS: readonly TrustGraph[] = [LINE, TWO_ROOTS, MUTUAL, BRIDGE];

/** Why an arrow is not valid. */
export const FAULTS = {
  expired: 'expired',
  'name-constraints': 'its names exclude the end entity',
  'other-purpose': 'it issues for another purpose',
  'no-basic-constraints': 'it does not say that it is a CA',
  'not-a-ca': 'it says that it is none',
  'old-hash': 'signed with SHA-1',
} as const;
export type Fault = keyof typeof FAULTS;

export interface GraphCase {
  readonly graph: TrustGraph;
  readonly anchor: string;
  readonly broken: readonly Arrow[];
  readonly fault: Fault;
}

const isSame =
  ([from, to]: Arrow) =>
  ([otherFrom, otherTo]: Arrow) =>
    from === otherFrom && to === otherTo;

/** Whether valid arrows lead from the trusted entity to the end entity: what the answer must be. */
export function leadsToEnd({ graph, anchor, broken }: GraphCase): boolean {
  const valid = graph.arrows.filter((arrow) => !broken.some(isSame(arrow)));
  const reached = new Set([anchor]);
  for (const entity of reached) for (const [from, to] of valid) if (from === entity) reached.add(to);
  return reached.has(END);
}

/** How an end entity came to be: certificates of all arrows, those of the end entity apart. */
interface Issued {
  readonly ends: readonly Certificate[];
  readonly others: readonly Certificate[];
  readonly anchor: Certificate;
}

const made = new Map<string, TestIdentity>();

/** Each certificate once: cases share entities, keys and most arrows. */
function once(key: string, make: () => TestIdentity): TestIdentity {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

function entity({ name: graph }: TrustGraph, name: string): TestIdentity {
  const subject = ['O=Trust graphs', `OU=${graph}`, `CN=${name}`];
  const authority = [extensions.basicConstraints(true), extensions.keyUsage(['keyCertSign'])];
  return once(`${graph}/${name}`, () => issueCertificate({ subject, extensions: authority }));
}

function certificateOf(graph: TrustGraph, [from, to]: Arrow, fault: Fault | undefined): TestIdentity {
  const issuer = entity(graph, from);
  const { subject, key } = entity(graph, to);
  return once(`${graph.name}/${from}>${to}/${fault ?? ''}`, () =>
    issueCertificate({
      subject,
      key,
      issuer,
      extensions: to === END ? endExtensions(fault) : authorityExtensions(fault),
      ...(fault === 'expired' ? { notAfter: TEST_NOW - 86_400_000 } : {}),
      ...(fault === 'old-hash' ? { hash: 'sha1' as const } : {}),
    }),
  );
}

function authorityExtensions(fault: Fault | undefined): readonly Uint8Array[] {
  const usage = extensions.keyUsage(['keyCertSign']);
  const ca = extensions.basicConstraints(true);
  switch (fault) {
    case 'no-basic-constraints':
      return [usage];
    case 'not-a-ca':
      return [extensions.basicConstraints(false), usage];
    case 'name-constraints':
      return [ca, usage, extensions.nameConstraints([generalName.dns('bad.example.com')])];
    case 'other-purpose':
      return [ca, usage, extensions.extendedKeyUsage([KEY_PURPOSE.emailProtection])];
    default:
      return [ca, usage];
  }
}

/** Of an end entity's own certificate only two of the faults are faults; the others leave it as it is. */
function endExtensions(fault: Fault | undefined): readonly Uint8Array[] {
  const purpose = fault === 'other-purpose' ? KEY_PURPOSE.emailProtection : KEY_PURPOSE.serverAuth;
  return [
    extensions.keyUsage(['digitalSignature']),
    extensions.extendedKeyUsage([purpose]),
    extensions.subjectAltName([generalName.dns('localhost')]),
  ];
}

function issued({ graph, anchor, broken, fault }: GraphCase): Issued {
  const of = (arrows: readonly Arrow[]) =>
    arrows.map(
      (arrow) => certificateOf(graph, arrow, broken.some(isSame(arrow)) ? fault : undefined).certificate,
    );
  return {
    ends: of(graph.arrows.filter(([, to]) => to === END)),
    others: of(graph.arrows.filter(([, to]) => to !== END)),
    anchor: entity(graph, anchor).certificate,
  };
}

/** In which order the certificates lie before the judge; none may matter. */
export const ORDERS = ['as issued', 'backwards', 'turned'] as const;

/** Whether the judge finds a path, by a policy that asks for the end entity's purpose along the path. */
export function judgedGraph(one: GraphCase, order: (typeof ORDERS)[number]): boolean {
  const { ends, others, anchor } = issued(one);
  const shuffled = ordered(others, order);
  return ends.some((leaf) => {
    const { indication } = validateCertificationPath({
      leaf,
      intermediates: shuffled,
      trustAnchors: [anchor],
      at: TEST_NOW as EpochMillis,
      policy: {
        ...GENERAL_PATH_POLICY,
        acceptedExtendedKeyUsage: [KEY_PURPOSE.serverAuth],
        caExtendedKeyUsage: 'nested',
      },
    });
    return indication === 'TOTAL-PASSED';
  });
}

function ordered<T>(all: readonly T[], order: (typeof ORDERS)[number]): readonly T[] {
  if (order === 'backwards') return [...all].reverse();
  if (order === 'as issued') return all;
  const half = all.length >> 1;
  return [...all.slice(half), ...all.slice(0, half)];
}

/** Arrows of a graph of which every pair is broken too; the bridge has forty. */
const SMALL = 10;

/**
 * Every graph × anchor × fault with no, each single and, of small graphs, each pair of arrows between authorities
 * broken.
 */
export function graphCases(most: 'singles' | 'pairs'): readonly GraphCase[] {
  return TRUST_GRAPHS.flatMap((graph) => {
    const between = graph.arrows.filter(([, to]) => to !== END);
    const sets = [
      [],
      ...between.map((arrow) => [arrow]),
      ...(most === 'pairs' && between.length <= SMALL ? pairsOf(between) : []),
    ];
    return graph.anchors.flatMap((anchor) =>
      sets.flatMap((broken) =>
        (Object.keys(FAULTS) as Fault[])
          .slice(0, broken.length === 0 ? 1 : undefined)
          .map((fault) => ({ graph, anchor, broken, fault })),
      ),
    );
  });
}

function pairsOf(arrows: readonly Arrow[]): readonly (readonly Arrow[])[] {
  return arrows.flatMap((one, index) => arrows.slice(index + 1).map((other) => [one, other]));
}

export function caseName({ graph, anchor, broken, fault }: GraphCase): string {
  const arrows = broken.map(([from, to]) => `${from}>${to}`).join(' ');
  return `${graph.name} from ${anchor}${arrows === '' ? '' : `, ${fault}: ${arrows}`}`;
}
