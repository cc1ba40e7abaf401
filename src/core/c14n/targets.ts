import type { XmlElement } from '../xml/model.ts';
import type { C14nUri } from './algorithms.ts';

/** What to canonicalize. `without` leaves out one element with all its content (the enveloped-signature transform). */
export type C14nTarget =
  | { readonly kind: 'document'; readonly without?: XmlElement }
  | { readonly kind: 'element'; readonly element: XmlElement; readonly without?: XmlElement };

/** An algorithm with its parameter. */
export interface C14nMethod {
  readonly algorithm: C14nUri;
  /** Exclusive only: PrefixList of InclusiveNamespaces; `#default` names the default namespace. */
  readonly inclusivePrefixes?: readonly string[];
}

/** Where canonical octets go, in order; what is passed must be used before returning. A node:crypto Hash is one. */
export interface OctetSink {
  update(octets: Uint8Array): unknown;
}
