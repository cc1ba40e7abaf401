/** An application in e-Gov's 標準形式, of a simulated person, and the files beside it. */
export const KOUSEI = `<?xml version="1.0" encoding="UTF-8"?>
<DataRoot>
  <様式ID>999000000000000001</様式ID>
  <構成情報 ID="構成情報">
    <管理情報><氏名>模擬　太郎</氏名></管理情報>
    <添付書類属性情報><添付書類ファイル名称>添付.pdf</添付書類ファイル名称></添付書類属性情報>
    <申請書属性情報><申請書ファイル名称>申請 1.xml</申請書ファイル名称></申請書属性情報>
  </構成情報>
  <署名情報></署名情報>
</DataRoot>
`;

export const FILES = [
  ['申請 1.xml', '<申請><氏名>模擬　太郎</氏名></申請>'],
  ['添付.pdf', '%PDF-1.7 MARK'],
] as const;
