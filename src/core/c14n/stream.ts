import { JitsuinError } from '../errors.ts';
import { requireUtf8 } from '../xml/declaration.ts';
import { Edits } from '../xml/edits.ts';
import { InclusiveTags } from '../xml/inclusive-tags.ts';
import { Lexer } from '../xml/lexer.ts';
import { effectiveLimits, type XmlLimits } from '../xml/limits.ts';
import { NamespaceNames, NameTable } from '../xml/names.ts';
import { NamespaceResolver } from '../xml/namespaces.ts';
import { type C14nAlgorithm, c14nAlgorithm } from './algorithms.ts';
import { writeEdited } from './content.ts';
import { ExclusiveTags } from './exclusive-tags.ts';
import { refuseRelativeNamespaces } from './namespace-names.ts';
import type { C14nMethod, OctetSink } from './targets.ts';
import { CanonicalWriter } from './writer.ts';

const WINDOW = 256 * 1024;
const SMALLEST_WINDOW = 16;

/**
 * What one streamed document may cost: as for a parsed one, but for its size, and with a limit for one piece of
 * markup.
 */
export interface StreamLimits extends Partial<Omit<XmlLimits, 'size' | 'elements'>> {
  /** Octets of one tag, comment, CDATA section or processing instruction, which must fit in memory; 16 MiB at most. */
  readonly markup?: number;
  /** Octets read at a time; 256 KiB unless given. */
  readonly window?: number;
}

const MOST_MARKUP = 16 * 1024 * 1024;

/**
 * Canonicalizes a whole document that comes in pieces, in memory that does not grow with it: the same grammar as
 * `parseXml`, no index and no tree. Give all octets to `update`, then call `end`; the result is only worth something
 * when `end` returned, since what comes late can still be ill-formed.
 */
export class CanonicalStream {
  private readonly algorithm: C14nAlgorithm;
  private readonly resolver: NamespaceResolver;
  private readonly edits: Edits;
  private readonly lexer: Lexer;
  private readonly out: CanonicalWriter;
  private readonly mostMarkup: number;
  private readonly size: number;
  private window: Uint8Array;
  private filled = 0;
  /** How full the window must be before it is worth reading again: a long piece of markup doubles it. */
  private threshold: number;

  /** @throws JitsuinError `c14n.algorithm`, `config.invalid` */
  constructor(method: C14nMethod, sink: OctetSink, limits: StreamLimits = {}) {
    const { markup = MOST_MARKUP, window = WINDOW, ...others } = limits;
    if (!(markup >= 1 && markup <= MOST_MARKUP && window >= SMALLEST_WINDOW && window <= MOST_MARKUP)) {
      throw new JitsuinError('config.invalid', `A stream's limits must be at most ${MOST_MARKUP}.`, {
        at: 'limits',
      });
    }
    const effective = { ...effectiveLimits(others), elements: Number.MAX_SAFE_INTEGER };
    this.algorithm = c14nAlgorithm(method.algorithm);
    const exclusive = this.algorithm.method === 'exclusive-1.0';
    if (!exclusive && method.inclusivePrefixes !== undefined) {
      throw new JitsuinError('c14n.algorithm', 'Only exclusive canonicalization has a PrefixList.');
    }
    this.mostMarkup = markup;
    this.size = window;
    this.threshold = window;
    this.window = new Uint8Array(window);
    this.edits = new Edits(window);
    this.resolver = new NamespaceResolver(new NameTable(effective), new NamespaceNames(), effective);
    const tags = exclusive
      ? new ExclusiveTags(this.resolver, method.inclusivePrefixes ?? [])
      : new InclusiveTags(this.resolver);
    this.lexer = new Lexer(this.resolver, tags, this.edits, effective);
    this.out = new CanonicalWriter(sink, window);
  }

  /**
   * Takes the next octets; they may be cut anywhere. @throws JitsuinError the codes of `parseXml` and
   * `canonicalize`
   */
  update(octets: Uint8Array): void {
    let from = 0;
    while (from < octets.length) {
      const taken = Math.min(octets.length - from, this.window.length - this.filled);
      this.window.set(octets.subarray(from, from + taken), this.filled);
      this.filled += taken;
      from += taken;
      if (this.filled >= this.threshold) this.read(false);
    }
  }

  /** There is no more input: reads the rest and flushes the sink. @throws JitsuinError as `update` */
  end(): void {
    this.read(true);
    this.out.flush();
    if (this.out.written === 0) throw new JitsuinError('c14n.empty', 'Canonicalization gave no octets.');
  }

  private read(complete: boolean): void {
    const { window, lexer, edits, out, algorithm } = this;
    const end = complete ? this.filled : wholeCharacters(window, this.filled);
    const octets = window.subarray(0, this.filled);
    requireUtf8({ octets, before: lexer.before }, 0, end);
    const understood = lexer.read(octets, 0, end, complete);
    refuseRelativeNamespaces(this.resolver.namespaceNames);
    writeEdited({ octets, edits }, 0, understood, algorithm.comments, out);
    edits.clear();
    out.flush();
    window.copyWithin(0, understood, this.filled);
    lexer.before += understood;
    this.filled -= understood;
    this.makeRoom();
  }

  /** A window that a cut piece of markup fills by more than half doubles, so that reading it again stays linear. */
  private makeRoom(): void {
    if (this.filled > this.mostMarkup) {
      throw new JitsuinError('xml.limit', 'A piece of markup is too long to be streamed.', {
        at: `octet ${this.lexer.before}`,
      });
    }
    this.threshold = Math.max(this.size, this.filled * 2);
    if (this.threshold <= this.window.length) return;
    const larger = new Uint8Array(this.threshold);
    larger.set(this.window.subarray(0, this.filled));
    this.window = larger;
  }
}

/** The end of the last complete UTF-8 character; a few octets before `end` at most. */
function wholeCharacters(octets: Uint8Array, end: number): number {
  let start = end - 1;
  while (start > 0 && end - start < 4 && ((octets[start] as number) & 0xc0) === 0x80) start -= 1;
  const lead = octets[start] as number;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return end - start < length ? start : end;
}

/**
 * Canonicalizes a whole document that is in memory, in one pass and without keeping an index.
 * @throws JitsuinError the codes of `parseXml` and `canonicalize`
 */
export function canonicalizeOctets(
  octets: Uint8Array,
  method: C14nMethod,
  sink: OctetSink,
  limits?: StreamLimits,
): void {
  const window = Math.min(WINDOW, Math.max(SMALLEST_WINDOW, octets.length));
  const stream = new CanonicalStream(method, sink, { window, ...limits });
  stream.update(octets);
  stream.end();
}
