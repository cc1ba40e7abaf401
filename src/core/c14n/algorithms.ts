import { JitsuinError } from '../errors.ts';

export interface C14nAlgorithm {
  readonly uri: C14nUri;
  /** `inclusive-1.1` differs from `inclusive-1.0` only in what a subtree inherits from its ancestors. */
  readonly method: 'inclusive-1.0' | 'inclusive-1.1' | 'exclusive-1.0';
  readonly comments: 'omitted' | 'kept';
}

export const C14N_1_0 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
export const C14N_1_0_WITH_COMMENTS = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments';
export const C14N_1_1 = 'http://www.w3.org/2006/12/xml-c14n11';
export const C14N_1_1_WITH_COMMENTS = 'http://www.w3.org/2006/12/xml-c14n11#WithComments';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const EXC_C14N_WITH_COMMENTS = 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments';

export type C14nUri =
  | typeof C14N_1_0
  | typeof C14N_1_0_WITH_COMMENTS
  | typeof C14N_1_1
  | typeof C14N_1_1_WITH_COMMENTS
  | typeof EXC_C14N
  | typeof EXC_C14N_WITH_COMMENTS;

/** The algorithms by their W3C identifiers. */
export const C14N_ALGORITHMS: Readonly<Record<C14nUri, C14nAlgorithm>> = {
  [C14N_1_0]: { uri: C14N_1_0, method: 'inclusive-1.0', comments: 'omitted' },
  [C14N_1_0_WITH_COMMENTS]: { uri: C14N_1_0_WITH_COMMENTS, method: 'inclusive-1.0', comments: 'kept' },
  [C14N_1_1]: { uri: C14N_1_1, method: 'inclusive-1.1', comments: 'omitted' },
  [C14N_1_1_WITH_COMMENTS]: { uri: C14N_1_1_WITH_COMMENTS, method: 'inclusive-1.1', comments: 'kept' },
  [EXC_C14N]: { uri: EXC_C14N, method: 'exclusive-1.0', comments: 'omitted' },
  [EXC_C14N_WITH_COMMENTS]: { uri: EXC_C14N_WITH_COMMENTS, method: 'exclusive-1.0', comments: 'kept' },
};

/** Whether a text is one of the six identifiers, by equality (no prefix of it, nothing inherited). */
export function isC14nUri(uri: string): uri is C14nUri {
  return Object.hasOwn(C14N_ALGORITHMS, uri);
}

/** The algorithm a W3C identifier names. @throws JitsuinError `c14n.algorithm` for any other text */
export function c14nAlgorithm(uri: string): C14nAlgorithm {
  if (!isC14nUri(uri))
    throw new JitsuinError('c14n.algorithm', 'Not a canonicalization algorithm that is offered here.');
  return C14N_ALGORITHMS[uri];
}
