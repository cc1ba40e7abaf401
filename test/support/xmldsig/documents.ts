import type { XmlSignatureProfileName } from '../../../src/core/xmldsig/prepared-signature.ts';

/** Simulated applications in the form of the guideline's example; nobody in them exists. */
export const APPLICATION = `<?xml version="1.0" encoding="UTF-8"?>
<ZZ申請情報>
  <申請書 Id="application">
    <申請日>2025/02/04</申請日>
    <利用者情報>
      <住所>模擬県模擬市𡈽町１丁目</住所>
      <氏名>模擬　𠮷子</氏名>
      <異体字>葛󠄀飾</異体字>
    </利用者情報>
  </申請書>
</ZZ申請情報>
`;

/** As APPLICATION, with namespaces, xml:lang and unsigned siblings around the signed element. */
export const QUALIFIED_APPLICATION = `<?xml version="1.0" encoding="UTF-8"?>
<申:申請情報 xmlns:申="urn:example:application" xmlns:共="urn:example:common" xml:lang="ja" 版="1">
  <申:添付 名="図面.pdf">unsigned attachment</申:添付>
  <申:申請書 Id="application"><共:氏名 読み='モギ　ヨシコ'>模擬　𠮷子</共:氏名><!-- note --><共:額 単位="円"><![CDATA[1 < 2 & 3]]></共:額></申:申請書>
</申:申請情報>`;

export const PROFILES: readonly XmlSignatureProfileName[] = ['enveloped', 'by-id', 'guideline'];
/** The profiles whose Signature stands beside the signed element. */
export const SIBLING_PROFILES: readonly XmlSignatureProfileName[] = ['by-id', 'guideline'];
