import type { Finding, FindingState } from '../doctor/finding.ts';

/** What each check of `doctor` looks at, in Japanese, by the name of the check without its number or variable. */
const LOOKS_AT: Readonly<Record<string, string>> = {
  settings: '与えられた設定の数',
  node: 'Node.js の版',
  'tls-verification': 'サーバー証明書の検証が切られていないか',
  'trust-store': 'サービスのサーバー証明書のルートと、その期限',
  configuration: '設定がすべて揃い、矛盾がないか',
  'data-folder': 'データフォルダーの所有者と権限',
  log: 'ログの行き先',
  forms: '署名の様式',
  'client-key': 'サービスに対するクライアントの鍵',
  'login-client': 'ログイン用のクライアント',
  'login-proof': 'ログインがカードによるものだと示す方法',
  'subject-key': 'sub の鍵付きハッシュの鍵',
  'api-keys': 'テナントと API キー',
  port: 'ポートが空いているか',
  'seal-key': '保管データをシールする鍵',
  store: 'データベースに届き、スキーマが合うか',
  'store-writable': 'データベースに書き、読み戻せるか',
  'store-connections': 'データベースの接続の数',
  'sealed-values': 'シールした値が指す鍵',
  worker: 'ワーカーが動いているか',
  queue: 'キューにジョブを入れ、取り出せるか',
  'public-url': '自身の公開 URL に届くか',
  'service-rate': 'サービスを呼ぶ速さ',
  reachable: '相手に届くか',
  discovery: 'ディスカバリー文書の発行者が一字一句合うか',
  clock: '相手との時計の差',
  keys: '相手の公開鍵',
  authorization: '登録したクライアントとリダイレクト URI で認可画面が開くか',
  client: 'クライアントの鍵が登録され、トークンを得られるか',
  'pf-client-key': 'プラットフォーム事業者に対するクライアントの鍵',
  'key-placement': '置いてはならない秘密鍵がないか',
  'pf-keystore': '復号鍵の鍵ストア',
  'pf-keys-module': '鍵のモジュール',
  'pkcs11-token': 'PKCS#11 のトークン',
  'decryption-keys': '復号鍵ごとの、試しの鍵共有',
  'receipt-key': '受領証の鍵',
  tenants: 'テナントの一覧',
  'trust-anchors': 'トラストアンカーと、その期限',
  'validation-policy': '判定のポリシーと、アルゴリズムの終わり',
  'revocation-source': '失効情報の取り方',
  'crl-folder': 'CRL のフォルダー',
  crl: 'CRL を取り、判定できるか',
  ocsp: 'OCSP に尋ね、判定できるか',
  'time-stamp': '時刻認証局からトークンを得て、判定できるか',
};

export const STATES_JA: Readonly<Record<FindingState, string>> = {
  passed: '合格',
  warning: '警告',
  failed: '不合格',
  undecided: '不明',
  skipped: '省略',
};

/** The name of a check without what tells two of a kind apart: `ocsp-2`, `port-JITSUIN_PORT`, `service-clock`. */
export function looksAt({ check }: Pick<Finding, 'check'>): string | undefined {
  const kind = check.replace(/-(?:\d+|JITSUIN_\w+)$/, '');
  return LOOKS_AT[kind] ?? LOOKS_AT[kind.replace(/^[a-z]+-/, '')];
}
