import { JitsuinError } from '../errors.ts';

/** What one document may cost. Every limit can be lowered by the caller, none can be raised. */
export interface XmlLimits {
  /** Octets of the whole document. Exceeded: `xml.size`; every other limit: `xml.limit`. */
  readonly size: number;
  /** Nesting of elements; the document element has depth 1. */
  readonly depth: number;
  /** Elements in the document. */
  readonly elements: number;
  /** Attributes of one element, namespace declarations not counted. */
  readonly attributes: number;
  /** Namespace declarations on one element. */
  readonly declarations: number;
  /** Namespace declarations in scope at any element. */
  readonly declarationsInScope: number;
  /** Octets of a name (with its prefix) or of a namespace name. */
  readonly nameLength: number;
  /** Different names in the document. */
  readonly distinctNames: number;
}

export const DEFAULT_XML_LIMITS: XmlLimits = {
  size: 64 * 1024 * 1024,
  depth: 256,
  elements: 5_000_000,
  attributes: 256,
  declarations: 64,
  declarationsInScope: 1024,
  nameLength: 1000,
  distinctNames: 250_000,
};

/**
 * The defaults with the caller's lower values in their place.
 * @throws JitsuinError `config.invalid` for a value that is not a positive integer or is above the default
 */
export function effectiveLimits(lowered?: Partial<XmlLimits>): XmlLimits {
  if (lowered === undefined) return DEFAULT_XML_LIMITS;
  const limits = { ...DEFAULT_XML_LIMITS, ...lowered };
  for (const [name, most] of Object.entries(DEFAULT_XML_LIMITS)) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new JitsuinError('config.invalid', `An XML limit must be an integer from 1 to ${most}.`, {
        at: name,
      });
    }
  }
  return limits;
}
