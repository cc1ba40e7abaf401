/** Records of a CSV text (RFC 4180), line ends of any kind; a byte order mark at the beginning is no part of it. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  const fields = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  const content = text.replace(/^\uFEFF/, '');
  while (fields.lastIndex < content.length) {
    const at = fields.lastIndex;
    const found = fields.exec(content);
    if (found === null)
      throw new SyntaxError(`line ${lineAt(content, at)}: a quotation mark stands where none may`);
    const [, field = '', end] = found;
    record.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === ',' && fields.lastIndex < content.length) continue;
    if (end === ',') record.push('');
    records.push(record);
    record = [];
  }
  return records.filter((one) => one.length > 1 || one[0] !== '');
}

function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length;
}
