const GIVEN_NAMES = ['太郎', '花子', '一郎', '美咲', '健', 'さくら'];
const CITIES = ['東京都千代田区', '大阪市北区', '葛󠄀飾区', '京都市左京区', '札幌市中央区'];

/** Octets of a document of about `size` octets, made of records of one shape. */
export function documentOf(shape: Shape, size: number): Buffer {
  const { head, record, tail } = SHAPES[shape];
  const records: string[] = [];
  let length = 0;
  for (let n = 0; length < size || n === 0; n += 1) {
    const text = record(n);
    records.push(text);
    length += Buffer.byteLength(text);
  }
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${head}${records.join('')}${tail}\n`);
}

export const SHAPE_NAMES = ['app', 'wide', 'deep', 'namespaces'] as const;
export type Shape = (typeof SHAPE_NAMES)[number];

interface Form {
  readonly head: string;
  readonly record: (n: number) => string;
  readonly tail: string;
}

const at = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

const SHAPES: Readonly<Record<Shape, Form>> = {
  // An application's records: short values, attributes, some entities, single quotes, empty-element tags.
  app: {
    head: '<申請書 xmlns="urn:example:application" xml:lang="ja">\n',
    record: (n) => `  <申請者 番号="${n}" 種別='個人'>
    <氏名>山田 ${at(GIVEN_NAMES, n)}</氏名>
    <住所 都道府県="${at(CITIES, n)}">${at(CITIES, n)}${n % 9}丁目${n % 30}番地</住所>
    <電話番号>03-${1000 + (n % 9000)}-${1000 + ((n * 7) % 9000)}</電話番号>
    <備考>世帯主 &amp; 配偶者${n % 4 === 0 ? ' &#x3042; &gt; &quot;可&quot;' : ''}</備考>
    <添付 要否="否"/>
  </申請者>
`,
    tail: '</申請書>',
  },
  wide: {
    head: '<文書 xmlns="urn:example:text">',
    record: (n) =>
      `<段落 番号="${n}">${'本件申請に係る事実関係について、次のとおり申し立てます。'.repeat(40)}</段落>\n`,
    tail: '</文書>',
  },
  deep: {
    head: '<r>',
    record: (n) =>
      `${Array.from({ length: 200 }, (_, level) => `<e${level % 10} n="${n}">`).join('')}値${Array.from({ length: 200 }, (_, level) => `</e${(199 - level) % 10}>`).join('')}\n`,
    tail: '</r>',
  },
  // A prefix per record, redundant declarations, unsorted attributes.
  namespaces: {
    head: '<r:根 xmlns:r="urn:example:root" xmlns:b="urn:example:b" xmlns:a="urn:example:a">\n',
    record: (
      n,
    ) => `  <p${n % 20}:記録 xmlns:p${n % 20}="urn:example:record:${n % 20}" b:z="1" a:y="2" x="3" p${n % 20}:w='4'>
    <a:値 xmlns:a="urn:example:a" 単位="円" 区分="一">${n}</a:値>
    <値 xmlns="urn:example:default"><b:値 xmlns="urn:example:default"/></値>
  </p${n % 20}:記録>
`,
    tail: '</r:根>',
  },
};
