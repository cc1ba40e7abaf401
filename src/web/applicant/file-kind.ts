import type { Bilingual } from '../bilingual.ts';

/** What a file is by its first octets, and what its copy is called. */
interface FileKind extends Bilingual {
  readonly extension: string;
}

const UNKNOWN: FileKind = { ja: '形式の分からないファイル', en: 'file of an unknown form', extension: 'bin' };
const TEXT: FileKind = { ja: '文字のファイル', en: 'text file', extension: 'txt' };
const KINDS: readonly (readonly [string, FileKind])[] = [
  ['%PDF-', { ja: 'PDF文書', en: 'PDF document', extension: 'pdf' }],
  ['\x89PNG\r\n\x1a\n', { ja: '画像(PNG)', en: 'PNG image', extension: 'png' }],
  ['\xff\xd8\xff', { ja: '画像(JPEG)', en: 'JPEG image', extension: 'jpg' }],
  ['GIF8', { ja: '画像(GIF)', en: 'GIF image', extension: 'gif' }],
  ['II*\0', { ja: '画像(TIFF)', en: 'TIFF image', extension: 'tif' }],
  ['MM\0*', { ja: '画像(TIFF)', en: 'TIFF image', extension: 'tif' }],
  [
    'PK\x03\x04',
    { ja: 'ZIP形式のファイル(Officeの文書など)', en: 'ZIP file (also Office documents)', extension: 'zip' },
  ],
  ['<?xml', { ja: 'XML文書', en: 'XML document', extension: 'xml' }],
];
const SNIFFED = 4096;

export function fileKind(octets: Uint8Array): FileKind {
  const head = Buffer.from(octets.subarray(0, SNIFFED));
  const start = head.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const known = KINDS.find(([magic]) => start.startsWith(magic));
  if (known !== undefined) return known[1];
  return isText(head) ? TEXT : UNKNOWN;
}

/** Controls beside the white space of texts, as what a text holds none of. */
const CONTROL = /[^\P{Cc}\t\n\r\f]/u;

function isText(head: Buffer): boolean {
  // a character that the excerpt cuts in two is none that is wrong
  const text = new TextDecoder().decode(head, { stream: head.length === SNIFFED });
  return text.length > 0 && !CONTROL.test(text) && !text.includes('\ufffd');
}
