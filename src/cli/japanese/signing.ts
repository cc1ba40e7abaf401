import type { TranslatedCommand } from '../usage.ts';
import { ONE_JSON_OBJECT } from './shared.ts';

/** Commands that make a signature from its parts. */
export const SIGNING_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  c14n: {
    summary: '文書またはその一要素を正規化する',
    about: 'FILE、またはその文脈の中の一要素の正規形を書く。FILE が - なら標準入力。',
    options: {
      algorithm:
        '#WithComments を付けたもの、http://www.w3.org/2006/12/xml-c14n11、http://www.w3.org/2001/10/xml-exc-c14n# も可',
      prefixes: '排他的正規化の PrefixList。空白で区切る。#default は既定の名前空間',
      element: 'NAME または {名前空間}NAME。一度だけ現れること',
      id: '属性 Id・ID・id・xml:id のいずれかの値。一度だけ現れること',
      out: 'ファイルに書く',
      digest: '代わりに SHA-256 を base64（DigestValue）で出力',
      json: '代わりにアルゴリズム・長さ・SHA-256 を JSON で出力',
    },
  },
  prepare: {
    summary: '署名する文書から data と再開できる状態を作る',
    about: `FILE を他で署名してもらうのに必要なものを作り、data（署名トランザクション開始時の「署名対象ハッシュ値」）を出力する。FILE が - なら標準入力。--form なら、
カードの一度の操作で文書とその添付ファイルに署名する。同じ様式で他の人が既に署名した文書には、署名をもう一つ加える（連署）。`,
    options: {
      profile: 'enveloped（既定）、by-id、guideline。detached はどんなファイルにも使える',
      form: '--profile の代わりに、受取側の様式（様式を加えるフォルダーは JITSUIN_FORMS_DIR）',
      file: '--form とともに：FILE に添えるファイル。署名されるときの名で指定する',
      folder: '--form とともに：DIR のすべてのファイル。リンクや中のフォルダーは不可',
      zip: '--form とともに：FILE と添付ファイルは ZIP の中。様式が名を決めていれば FILE は省ける',
      element: '署名する要素。NAME または {名前空間}NAME',
      id: '署名する要素。その Id で指定する（profile by-id）',
      mode: 'digest-info（XML ではこれだけ）または digest（detached の既定）',
      algorithm: 'カードの署名方式：rsa-sha256（既定）、ecdsa-sha256、ecdsa-sha384（次期カード）',
      state: '「jitsuin assemble」のための再開できる状態を書く（文書を含む）',
      skeleton: '空の Signature を持つ文書を書く',
      'signed-info': '正規化した SignedInfo（署名されるオクテット列）を書く',
      json: ONE_JSON_OBJECT,
    },
  },
  assemble: {
    summary: '準備した文書に署名値と証明書を入れる',
    about: `「jitsuin prepare」の文書を仕上げる。証明書の鍵で署名値を確かめ、他のオクテットを一つも変えずに両方を文書に入れ、結果をもう一度検証する。証明書の判定はしない。
それは「jitsuin verify」が行う。`,
    options: {
      state: '「jitsuin prepare --state」が書いたもの',
      'signature-value': 'base64。または base64 か生のオクテット列を収めたファイル',
      certificate: '署名者の証明書。PEM または DER',
      out: '署名済み文書をファイルに書く（既定：標準出力）',
      explain: '値が SignedInfo のものでないとき、どの段階が違っていたかを示す',
      json: '報告を JSON で出力（文書の出力先として --out が要る）',
    },
  },
  inspect: {
    summary: '署名されたファイルに何があるかを、判定せずに示す',
    about: `FILE（- なら標準入力。ZIP は開く）にあるものを、判定せずに示す。どの様式で書かれているか、Signature、Reference、アルゴリズム、証明書、覆われないもの。何も計算せず、何も信頼しない。
署名が正しいかは、合意した様式で「jitsuin verify」が判定する。`,
    options: { json: ONE_JSON_OBJECT },
    more: '終了ステータス：0 示した、1 FILE が読める XML でも、そのようなファイルを含む ZIP でもない、2 使い方の誤り。',
  },
};
