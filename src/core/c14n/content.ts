import { escapeCharacters, respell } from '../xml/canonical-tag.ts';
import { EDIT, type Edits } from '../xml/edits.ts';
import { CDATA_CLOSE, CDATA_OPEN } from '../xml/markup.ts';
import { newOctets, OctetBuffer, type OctetOutput } from '../xml/octet-buffer.ts';
import { isWhiteSpace, OCTET } from '../xml/octets.ts';

const { CR, GT, LF, LT, QUESTION, SLASH, SPACE } = OCTET;

/** What a run of canonical octets is made from. */
interface EditedSource {
  readonly octets: Uint8Array;
  readonly edits: Edits;
}

/** Writes the source from `from` to `to`, which lie between pieces of markup, with its edits applied. */
export function writeEdited(
  { octets, edits }: EditedSource,
  from: number,
  to: number,
  comments: 'omitted' | 'kept',
  out: OctetOutput,
): void {
  const edit = { start: 0, end: 0, kind: 0 };
  let p = from;
  for (let index = edits.firstFrom(from); index < edits.count; index += 1) {
    edits.read(index, edit);
    const { start, end, kind } = edit;
    if (start >= to) break;
    if (start > p) out.append(octets, p, start);
    p = end;
    if (kind >= EDIT.rendered) {
      const tag = edits.renderedTag(kind);
      out.append(tag.octets, tag.from, tag.to);
    } else writeEdit(octets, start, p, kind, comments, out);
  }
  if (to > p) out.append(octets, p, to);
}

function writeEdit(
  octets: Uint8Array,
  start: number,
  end: number,
  kind: number,
  comments: 'omitted' | 'kept',
  out: OctetOutput,
): void {
  switch (kind) {
    case EDIT.text:
      respell(octets, start, end, 'text', out);
      break;
    case EDIT.cdata:
      writeCdata(octets, start, end, out);
      break;
    case EDIT.emptyTag:
      writeTagClose(octets, start, out);
      break;
    case EDIT.comment:
    case EDIT.commentBefore:
    case EDIT.commentAfter:
      if (comments === 'omitted') break;
      if (kind === EDIT.commentAfter) out.appendOctet(LF);
      writeWithLineFeeds(octets, start, end, out);
      if (kind === EDIT.commentBefore) out.appendOctet(LF);
      break;
    case EDIT.instruction:
    case EDIT.instructionBefore:
    case EDIT.instructionAfter:
      if (kind === EDIT.instructionAfter) out.appendOctet(LF);
      writeInstruction(octets, start, end, out);
      if (kind === EDIT.instructionBefore) out.appendOctet(LF);
      break;
    default: // EDIT.skip writes nothing
  }
}

const TAG_CLOSE = Uint8Array.of(GT, LT, SLASH);

/** What `/>` at `slash` stands for: the end of the start tag, and the end tag. */
function writeTagClose(octets: Uint8Array, slash: number, out: OctetOutput): void {
  let name = slash;
  while (octets[name - 1] !== LT) name -= 1; // there is none in attribute values
  let nameEnd = name;
  while (octets[nameEnd] !== SPACE && octets[nameEnd] !== SLASH) nameEnd += 1;
  out.append(TAG_CLOSE, 0, TAG_CLOSE.length);
  out.append(octets, name, nameEnd);
  out.appendOctet(GT);
}

const cdata = new OctetBuffer(newOctets(256));

function writeCdata(octets: Uint8Array, start: number, end: number, out: OctetOutput): void {
  cdata.length = 0;
  writeWithLineFeeds(octets, start + CDATA_OPEN.length, end - CDATA_CLOSE.length, cdata);
  escapeCharacters(cdata.octets, 0, cdata.length, 'text', out);
}

/** One space between target and data, none without data (C14N 1.0 section 2.3). */
function writeInstruction(octets: Uint8Array, start: number, end: number, out: OctetOutput): void {
  const close = end - 2;
  let targetEnd = start + 2;
  while (octets[targetEnd] !== QUESTION && !isWhiteSpace(octets[targetEnd])) targetEnd += 1;
  let data = targetEnd;
  while (data < close && isWhiteSpace(octets[data])) data += 1;
  out.append(octets, start, targetEnd);
  if (data < close) {
    out.appendOctet(SPACE);
    writeWithLineFeeds(octets, data, close, out);
  }
  out.append(octets, close, end);
}

/** Line ends normalized (XML 1.0 section 2.11), nothing else changed. */
function writeWithLineFeeds(octets: Uint8Array, from: number, to: number, out: OctetOutput): void {
  let run = from;
  for (let p = from; p < to; p += 1) {
    if (octets[p] !== CR) continue;
    out.append(octets, run, p);
    run = p + 1;
    if (octets[run] !== LF || run === to) out.appendOctet(LF);
  }
  out.append(octets, run, to);
}
