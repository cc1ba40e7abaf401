import type { Check } from '../../core/report.ts';
import type { Bilingual } from '../bilingual.ts';

/**
 * The checks of a report in words: of a signature, an evidence record and a time-stamp. A name of an older program
 * is shown as it is.
 */
export const CHECK_NAMES: Readonly<Record<string, Bilingual>> = {
  cost: { ja: '確認にかかる時間とメモリ', en: 'Time and memory that checking takes' },
  size: { ja: '大きさ', en: 'Size' },
  encoding: { ja: '文字コード(UTF-8)', en: 'Encoding (UTF-8)' },
  'well-formed': { ja: 'XMLとしての正しさ', en: 'Well-formed XML' },
  shape: { ja: '署名の形', en: 'Shape of the signature' },
  'algorithm-policy': { ja: '署名の方式', en: 'Algorithms' },
  'certificate-syntax': { ja: '電子証明書の形式', en: 'Form of the certificate' },
  'key-policy': { ja: '鍵の強さ', en: 'Strength of the key' },
  'signature-value': { ja: '署名値', en: 'Signature value' },
  'reference-digest': {
    ja: '文書が署名の後に変わっていないこと',
    en: 'Document unchanged since it was signed',
  },
  'signing-mode': { ja: '署名値の作り方', en: 'How the signature value was made' },
  'certification-path': { ja: '電子証明書の発行元', en: 'Issuer of the certificate' },
  'certificate-signature': { ja: '発行元による電子証明書への署名', en: "The issuers' signatures" },
  'validity-period': { ja: '電子証明書の有効期間', en: 'Validity period' },
  'critical-extensions': { ja: '電子証明書の必須の拡張', en: 'Critical extensions' },
  'basic-constraints': { ja: '認証局であることの制限', en: 'Basic constraints' },
  'name-constraints': { ja: '名前の制限', en: 'Name constraints' },
  'certificate-policies': { ja: '証明書ポリシー', en: 'Certificate policies' },
  'key-usage': { ja: '鍵の用途', en: 'Key usage' },
  'extended-key-usage': { ja: '鍵の拡張用途', en: 'Extended key usage' },
  'policy-algorithms': {
    ja: '方式と鍵が検証ポリシーの期限内であること',
    en: 'Algorithms and keys by the policy',
  },
  'jpki-version': { ja: '電子証明書の版', en: 'JPKI: version of the certificate' },
  'jpki-subject-name': { ja: '電子証明書の主体者名の形', en: "JPKI: form of the subject's name" },
  'jpki-end-entity': { ja: '認証局の証明書でないこと', en: 'JPKI: not a certificate of an authority' },
  'jpki-key-identifiers': { ja: '鍵の識別子', en: 'JPKI: key identifiers' },
  'jpki-certificate-kind': { ja: '署名用電子証明書であること', en: 'JPKI: a signing certificate' },
  'jpki-key-usage': { ja: '署名用電子証明書の鍵の用途', en: 'JPKI: key usage' },
  'jpki-distribution-point': { ja: '失効情報の配布点', en: 'JPKI: distribution point' },
  'jpki-four-attributes': { ja: '基本4情報の形', en: 'JPKI: form of the four attributes' },
  'certificate-key-policy': {
    ja: '電子証明書の鍵と署名の方式',
    en: 'Keys and algorithms of the certificates',
  },
  'ca-revocation-status': { ja: '認証局の証明書の失効の有無', en: 'Revocation of the CA certificates' },
  'signer-validity-period': {
    ja: '署名に使われた電子証明書の有効期間',
    en: "Validity period of the signer's certificate",
  },
  'revocation-status': { ja: '電子証明書の失効の有無', en: 'Revocation status' },
  'proof-of-time': { ja: '署名があった時刻の証明', en: 'Proof of when the signature was there' },
  'time-stamp-order': { ja: 'タイムスタンプの順序', en: 'Order of the time-stamps' },
  'transaction-binding': { ja: 'この取引の署名であること', en: 'Bound to this transaction' },
  'export-format': { ja: '書き出したファイルの形式', en: 'Form of the exported file' },
  'export-digest': { ja: '書き出したファイルが変わっていないこと', en: 'Exported file unchanged' },
  'evidence-format': { ja: '証跡の形式', en: 'Form of the evidence' },
  'evidence-form': { ja: '署名形式がこのソフトウェアのものであること', en: 'Form of this software' },
  'evidence-policy': { ja: '検証規則がこのソフトウェアのものであること', en: 'Policy of this software' },
  'evidence-content': { ja: '証跡の内容が読めること', en: 'Content of the evidence' },
  'part-digest': { ja: '証跡の部分が変わっていないこと', en: 'Part of the evidence unchanged' },
  'member-digest': { ja: '証跡の項目が変わっていないこと', en: 'Member of the evidence unchanged' },
  'record-digest': { ja: '証跡の全体が変わっていないこと', en: 'Whole of the evidence unchanged' },
  'remade-part': { ja: '作り直した部分と同じであること', en: 'Part is what the record itself gives' },
  'remade-member': { ja: '作り直した項目と同じであること', en: 'Member is what the record itself gives' },
  'remade-check': { ja: '確かめ直した結果と同じであること', en: 'Check is what the record itself gives' },
  'public-log': { ja: '事業者の公開ログへの掲載', en: "In the operator's public log" },
  'operator-seal': {
    ja: 'プラットフォーム事業者による証跡への署名',
    en: "The operator's signature on the record",
  },
  'judged-instant': { ja: '判断の時刻と証明された時刻の差', en: 'Instant judged beside the proven time' },
  'proven-time': { ja: '証明された時刻に有効だったこと', en: 'Good at the proven time' },
  'algorithm-end': { ja: '証明された時刻の署名の方式の安全性', en: 'Algorithms sound at the proven time' },
  'same-decision': { ja: '同じ判断になること', en: 'The same decision again' },
  'proof-of-existence': { ja: '存在した時刻の証明', en: 'Proof of existence' },
  'inclusion-proof': { ja: 'タイムスタンプの対象に含まれること', en: 'Included in what was time-stamped' },
  'message-imprint': { ja: 'タイムスタンプの対象', en: 'What the time-stamp covers' },
  'time-stamp-format': { ja: 'タイムスタンプの形式', en: 'Form of the time-stamp' },
  'time-stamp-nonce': { ja: 'タイムスタンプの要求との対応', en: 'Nonce of the time-stamp' },
  'time-stamp-policy': { ja: 'タイムスタンプのポリシー', en: 'Policy of the time-stamp' },
  'signed-attributes': { ja: 'タイムスタンプの署名属性', en: 'Signed attributes of the time-stamp' },
  'time-stamp-signature': { ja: 'タイムスタンプの署名', en: 'Signature of the time-stamp' },
  'time-stamp-purpose': { ja: '時刻認証局の証明書の用途', en: "Purpose of the authority's certificate" },
  'time-stamp-revocation': {
    ja: '時刻認証局の証明書の失効の有無',
    en: "Revocation of the authority's certificate",
  },
  'time-stamp-renewal': { ja: 'タイムスタンプの更新', en: 'Renewal of the time-stamp' },
};

const RESULTS: Readonly<Record<Check['result'], Bilingual & { readonly mark: string }>> = {
  passed: { mark: '✓', ja: '問題なし', en: 'passed' },
  failed: { mark: '✕', ja: '不合格', en: 'failed' },
  indeterminate: { mark: '?', ja: '判断できません', en: 'could not be decided' },
  'not-reached': { mark: '–', ja: '確かめていません', en: 'not reached' },
};

export function checkName(name: string): Bilingual {
  return CHECK_NAMES[name] ?? { ja: name, en: name };
}

export function resultName(result: Check['result']): Bilingual & { readonly mark: string } {
  return RESULTS[result];
}
