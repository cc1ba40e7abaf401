import type { Advice } from './error-advice.ts';
import type { ErrorCode, ErrorKind } from './errors.ts';

const SEND_AGAIN = '同じ Idempotency-Key で、同じ要求を後でもう一度送る。';
const NOT_TRUSTED = 'この文書に頼らない。署名をもらい直す。';
const ASK_AGAIN = '自動的に問い合わせ直す。続くときは失効情報の提供元を調べる。';
const NEW_FLOW = '国民に署名を始めからやり直してもらう。';
const CHECK_SERVICE = '発行者・クライアント ID・鍵を登録の内容と比べる。`jitsuin doctor` を実行する。';
const NOT_KEPT =
  'トークンまたはタイムスタンプは何も証明しない。それなしでエビデンスを保管し、局に問い合わせる。';
const LOG_IN_BY_CARD = 'まずカードでログインする。';

/** Every stable code in Japanese: what is wrong, what to do; `samples/guides/errors.ja.md` is made from it. */
export const ERROR_ADVICE_JA: Readonly<Record<ErrorCode, Advice>> = {
  'usage.arguments': ['コマンド行を理解できません。', 'コマンドの `--help` を読む。'],
  'config.invalid': [
    '設定の変数がないか、誤っています。名は `at` にあります。',
    'CONFIGURATION.ja.md に従って直し、`jitsuin doctor` を実行する。',
  ],
  'config.environment-mixed': [
    'テストと本番が混ざっています。発行者・鍵・ホストの環境が一致しません。',
    'すべてを一つの環境の値にそろえる。',
  ],
  'config.key-mode': [
    '鍵ファイルを所有者以外が読めます。',
    'ファイルを chmod 600 にする。共用の機械で読める状態だったなら鍵を切り替える。',
  ],
  'config.role-key': [
    'sp の動く所に、プラットフォーム事業者の鍵があります。',
    'そこから取り除き、鍵を切り替える。sp はそれを持ってはならない。',
  ],
  'xml.size': ['文書が上限より大きいです。', '小さくして送るか、JITSUIN_BODY_LIMIT を上げる。'],
  'xml.encoding': ['文書が UTF-8 ではありません。', 'UTF-8 にして、それに署名する。'],
  'xml.version': ['文書が XML 1.0 ではありません。', 'XML 1.0 を使う。'],
  'xml.dtd': ['文書に文書型宣言があります。', '取り除く。実体と DTD は決して読まない。'],
  'xml.not-well-formed': ['文書が整形式ではありません。行と桁は `at` にあります。', 'その場所を直す。'],
  'xml.namespace': ['名前空間接頭辞が宣言されていないか、宣言が誤っています。', '宣言する。'],
  'xml.limit': ['深さ・属性・名が上限を超えています。', '文書を浅くするか、小さくする。'],
  'judgement.too-costly': [
    '文書の判定に、一つの文書に許される時間またはメモリーを超えました。何も判定していません。',
    '自分の機械で判定する：`jitsuin verify FILE`。',
  ],
  'c14n.algorithm': ['対応していない正規化方式です。', 'いずれかの profile を使う。'],
  'c14n.relative-namespace': [
    '名前空間名が相対 URI です。Canonical XML はこれを拒みます。',
    '絶対 URI を使う。',
  ],
  'c14n.disputed-construct': [
    '正規化の実装によって結果が分かれる構文が文書にあります。',
    '`at` の示す場所を書き換える。',
  ],
  'c14n.target': ['正規化する要素がありません。', '文書にある要素を指定する。'],
  'c14n.empty': ['署名されるものがありません。', '内容のある要素を選ぶ。'],
  'digest.length': ['ダイジェストが 32 オクテットではありません。', 'SHA-256 のダイジェストを与える。'],
  'digest.data': [
    '`data` の長さがモードのもの（51 または 32 オクテット）ではありません。',
    'サービスに送ったとおりの `data` を与える。',
  ],
  'base64.invalid': ['値が正しい base64 ではありません。', '空白なしで、パディングを付けて符号化する。'],
  'xmldsig.profile': [
    'その名の署名 profile はありません。',
    'enveloped、by-id、guideline、detached のいずれかを使う。',
  ],
  'xmldsig.mode': ['モードが profile に合いません。', 'XML の profile には digest-info が要る。'],
  'xmldsig.signed-element': ['署名する要素がないか、二つあります。', 'ちょうど一つの要素を指定する。'],
  'xmldsig.already-signed': ['文書には既に署名があります。', '署名前の文書を送る。'],
  'xmldsig.state': ['準備したものを読み戻せません。', '`jitsuin prepare` が書いたファイルを与える。'],
  'xmldsig.unsigned': ['文書に署名がありません。', '署名済みの文書を与える。'],
  'xmldsig.shape': [
    'Signature が XML 署名のスキーマに合わないか、同じ Id が二つあります。',
    '合意した profile かを確かめる。そうでなければ頼らない。',
  ],
  'xmldsig.policy': ['許されないアルゴリズムまたは変換です。', NOT_TRUSTED],
  'xmldsig.digest': [
    '文書は署名の後に変えられたか、別の取り決めで読まれています。',
    'どの読み方なら合うかは `jitsuin verify --explain` が示す。そうでなければ頼らない。',
  ],
  'xmldsig.signature': ['署名値が、証明書と SignedInfo に合いません。', NOT_TRUSTED],
  'xmldsig.other-form': [
    'Signature は読めますが、合意した形のものではありません。',
    '合意した形を指定する（--profile）。または送り手に求める。署名が誤りだと証明されたわけではない。',
  ],
  'xmldsig.key-info': [
    'Signature の KeyInfo に証明書がなく、誰が署名したか分かりません。',
    '証明書の入った文書を送り手に求める。',
  ],
  'xmldsig.file': [
    'Reference の指すファイルが手元にありません。',
    'ファイルを与える。それまで、そのファイルについては何も分からない。',
  ],
  'xmldsig.weak-algorithm': [
    '署名は合いますが、もはや健全でないアルゴリズムによるもので、健全だった時のものだという証明がありません。',
    '健全なアルゴリズムの署名か、アルゴリズムの終わりより前のタイムスタンプを求める。',
  ],
  'der.invalid': ['証明書・CRL・応答が正しい DER ではありません。', '元の所からファイルを取り直す。'],
  'der.limit': ['DER の構造が上限を超えています。', 'その PKI が発行するものではない。'],
  'certificate.syntax': ['証明書が RFC 5280 に反しています。', NOT_TRUSTED],
  'certificate.key-policy': ['証明書の鍵が弱すぎるか、種類が違います。', NOT_TRUSTED],
  'certificate.path': [
    '証明書からトラストアンカーに至る経路がありません。',
    'JITSUIN_TRUST_FILE を確かめる。そうでなければ頼らない。',
  ],
  'certificate.limit': ['経路の構築が上限を超えました。', NOT_TRUSTED],
  'certificate.expired': [
    '証明書は、判定した時点で期限切れでした。',
    '国民が市区町村で更新し、もう一度署名する。',
  ],
  'certificate.not-yet-valid': ['証明書はまだ有効ではありませんでした。', '時計と、判定した時点を確かめる。'],
  'certificate.usage': ['証明書はこの用途に使えません。', NOT_TRUSTED],
  'certificate.policy': ['証明書に、求められるポリシーがありません。', NOT_TRUSTED],
  'certificate.revoked': ['証明書は失効しています。', '国民が新しい証明書の発行を受け、もう一度署名する。'],
  'certificate.suspended': [
    '証明書は停止されています。この認証局は、停止した証明書を元に戻しません。',
    '国民が新しい証明書の発行を受け、もう一度署名する。',
  ],
  'certificate.on-hold': ['証明書は一時停止中です。認証局が元に戻すことがあります。', ASK_AGAIN],
  'certificate.ca-revoked': [
    '署名者より上位の CA の証明書が失効しています。',
    '認証局の発表を確かめ、CA のファイルを置き換える。国民の証明書に誤りはない。',
  ],
  'certificate.anchor-missing': [
    '証明書の発行者はここにあるトラストアンカーと同じ名ですが、そのどれもこの証明書を発行していません。CA の世代が足りません。',
    '認証局の最新の証明書を JITSUIN_TRUST_FILE に加える。途中のものは、その後に判定し直す。',
  ],
  'certificate.not-ca': ['経路に、CA のものでない証明書があります。', NOT_TRUSTED],
  'certificate.path-length': ['経路が、CA の許す長さを超えています。', NOT_TRUSTED],
  'certificate.name-constraints': ['名が、CA の証明してよい範囲の外です。', NOT_TRUSTED],
  'certificate.critical-extension': ['知らないクリティカル拡張があります。', NOT_TRUSTED],
  'certificate.profile': [
    'JPKI の署名用証明書ではありません。',
    '利用者証明用ではなく、署名用の証明書が使われたかを確かめる。',
  ],
  'revocation.unavailable': ['失効情報を得られません。', ASK_AGAIN],
  'revocation.stale': ['失効情報が nextUpdate を過ぎています。', ASK_AGAIN],
  'revocation.invalid': ['失効情報を読めません。', ASK_AGAIN],
  'revocation.scope': ['CRL がこの証明書を対象としていません。', 'この証明書の配布点を設定する。'],
  'revocation.unknown': ['レスポンダーがこの証明書を知りません。', 'この認証局のものではない。頼らない。'],
  'revocation.future': ['失効情報が未来のものです。', '時計を確かめる。'],
  'revocation.issuer': ['失効情報が別の発行者のものです。', ASK_AGAIN],
  'revocation.serial': ['別の証明書についての応答です。', ASK_AGAIN],
  'revocation.signature': ['失効情報の署名が正しくありません。', ASK_AGAIN],
  'revocation.nonce': ['応答に、こちらの nonce がありません。', ASK_AGAIN],
  'revocation.responder': ['レスポンダーは、この認証局について答える立場にありません。', ASK_AGAIN],
  'revocation.refused': ['レスポンダーが応答を拒みました。', ASK_AGAIN],
  'revocation.number': ['CRL が、前に見たものより古いです。', ASK_AGAIN],
  'revocation.limit': ['失効情報が上限を超えています。', '提供元を調べる。この大きさのものは発行されない。'],
  'revocation.issuer-ended': ['失効情報の署名者が、自身の有効期間の外でした。', ASK_AGAIN],
  'revocation.ageing': [
    '最新の失効情報が終わりに近く、新しいものが届いていません。',
    '判定が止まる前に、いま提供元を調べる。',
  ],
  'clock.off': [
    'こちらの時計と失効情報の提供元の時計の差が大きく、判定できません。',
    '時計（NTP）を直す。それまで判定は行わない。',
  ],
  'jwe.form': ['暗号化された結果が compact JWE ではありません。', 'サービスが返したとおりに渡す。'],
  'jwe.header': [
    'JWE のヘッダーが取り決めと違います。',
    '届いたとおりに渡す。そうしているなら、サービスに問い合わせる。',
  ],
  'jwe.key': [
    'ここにある鍵では、この結果を開けません。',
    'サービスに登録した鍵を確かめる。国民はもう一度署名する。',
  ],
  'jwe.decrypt': ['結果を開けません。', '変えられておらず、このプラットフォーム事業者あてかを確かめる。'],
  'jwe.content': ['結果の中身が、証明書と署名ではありません。', 'サービスに問い合わせる。'],
  'binding.replay': ['この結果は、前に別の提出で渡されています。', 'その検証を使う。'],
  'binding.transaction': [
    '結果が別のトランザクションのものです。',
    '同じトランザクションの data と結果を送る。',
  ],
  'receipt.invalid': [
    '受領証が、ここで知っているプラットフォーム事業者の署名ではありません。',
    'その鍵を JITSUIN_PF_RECEIPT_JWKS_FILE と比べる。鍵の切り替え後なら、ファイルを新しくする。',
  ],
  'key.state': ['鍵は、それができる状態にありません。', '`jitsuin keys list` または `pf keys` で調べる。'],
  'key.not-found': [
    '指定された鍵が、ここにある鍵の中にありません。',
    '`jitsuin keys list` または `pf keys` で調べ、バックアップから戻す。',
  ],
  'key.seal-missing': [
    'シール鍵が要りますが、与えられていません。',
    'その役割と同じ JITSUIN_SEAL_KEY_FILE（または KMS モジュール）を設定し、もう一度実行する。',
  ],
  'key.unavailable': ['鍵サービスがいま応じません。', '自動的にやり直す。続くときは鍵サービスを調べる。'],
  'seal.integrity': [
    'シールした値が変えられているか、ここにない鍵でシールされています。',
    'シール鍵のファイルを戻す。それが揃っているなら、データベースは改ざんされたものとして扱う。',
  ],
  'evidence.invalid': [
    'エビデンスが変えられているか、エビデンスではありません。',
    '書き出したままのものを使う。',
  ],
  'verification.running': [
    'この検証は、いま別の要求またはワーカーが処理しています。',
    '少し待って、もう一度尋ねる。',
  ],
  'consent.time': ['同意の日時が、いまより後です。', '`agreed_at` と両方の時計を確かめる。'],
  'right.missing': [
    'テナントの契約、または担当者の権限に、この権利がありません。',
    '契約を確かめるか、管理者に尋ねる。',
  ],
  'record.not-found': ['この ID の記録はここにありません。', 'ID を確かめる。削除されたのかもしれない。'],
  'verification.deleted': ['検証は削除されています。', 'することはない。その ID は使われたままになる。'],
  'verification.content-taken': [
    '証明書の内容は、前に渡しています。',
    'そのときに受け取ったものを使う。渡すのは一度だけである。',
  ],
  'timestamp.form': ['タイムスタンプを読めません。', NOT_KEPT],
  'timestamp.imprint': ['タイムスタンプが、別のものに対するものです。', NOT_KEPT],
  'timestamp.nonce': ['タイムスタンプに、こちらの nonce がありません。', NOT_KEPT],
  'timestamp.policy': ['タイムスタンプが、別のポリシーで作られています。', NOT_KEPT],
  'timestamp.signature': ['タイムスタンプの署名が正しくありません。', NOT_KEPT],
  'timestamp.certificate': [
    '局の証明書が、タイムスタンプ用として信頼されていません。',
    'JITSUIN_TSA_TRUST_FILE を確かめる。',
  ],
  'timestamp.renewal': [
    'タイムスタンプの更新が、その証明書の終わりより後でした。',
    '更新より前については何も証明しない。間に合うように更新する。',
  ],
  'timestamp.order': ['タイムスタンプが、それが覆うものより古く、互いに矛盾します。', NOT_KEPT],
  'timestamp.refused': ['時刻認証局が拒みました。', '自動的に求め直す。続くときは局に問い合わせる。'],
  'timestamp.unavailable': ['時刻認証局が応じません。', '自動的に求め直す。続くときは局に問い合わせる。'],
  'tlog.invalid': [
    '公開ログの証明・先頭・鍵が成り立ちません。',
    '証明を取り直す。続くときは、受領証と証明をログの事業者と証人に示す。',
  ],
  'tlog.broken': [
    '公開ログまたはその元のストアが、前に公開し証人が見たものと違います。',
    '公開を止め、バックアップが戻されていないかを調べる。取り消された履歴は、このログでは続けられない。',
  ],
  'audit.broken': [
    '監査ログのチェーンが成り立ちません。',
    'データベースは改ざんされたものとして扱い、バックアップと比べる。',
  ],
  'oidc.metadata': [
    'プロバイダーのメタデータにメンバーが足りないか、OpenID Connect Discovery の禁じるものがあります。',
    CHECK_SERVICE,
  ],
  'oidc.issuer': ['トークンが別の発行者のものです。', CHECK_SERVICE],
  'oidc.request': ['認可要求が誤りになるため、送りませんでした。', '`instance` の ID とともに報告する。'],
  'oidc.state': [
    'コールバックが、このブラウザーのどの署名にも対応しないか、古いタブのものです。',
    '国民は最も新しいタブで続けるか、始めからやり直す。',
  ],
  'oidc.nonce': ['ID トークンに、こちらの nonce がありません。', NEW_FLOW],
  'oidc.token-type': ['トークンの種類が、求めたものと違います。', CHECK_SERVICE],
  'oidc.token-signature': ['トークンの署名が正しくありません。', CHECK_SERVICE],
  'oidc.token-key': [
    '公開されている鍵のどれも、トークンに合いません。',
    'プロバイダーの鍵が読み直されるのを待つ。その後は発行者を比べる。',
  ],
  'oidc.audience': ['トークンが別のクライアントあてです。', CHECK_SERVICE],
  'oidc.time': ['トークンが期限切れか、未来のものです。', '時計を確かめる。'],
  'oidc.at-hash': ['アクセストークンと ID トークンが対応しません。', NEW_FLOW],
  'oidc.proof': [
    'ブローカーの ID トークンが、JITSUIN_LOGIN_PROOF の求めること、または改めて認証したことを示していません。',
    'ブローカーでは、カード以外で入れないようにし、それをクレームで示す。`auth_time` も送る。',
  ],
  'oidc.user-info': [
    'プロバイダーが UserInfo を、署名または暗号化した JWT で送っています。読めるのは JSON だけです。',
    'そこでこのクライアントを `userinfo_signed_response_alg` なしで登録するか、JITSUIN_LOGIN_ATTRIBUTES=id-token を設定する。',
  ],
  'oidc.subject': ['トークンが別の人のものです。', NEW_FLOW],
  'oidc.logout-token': [
    'ログアウトトークンを受け入れられません。',
    'プロバイダーが直す。誰もログアウトしていない。',
  ],
  'oidc.callback-error': ['プロバイダーが、誤りとともに国民を戻しました。', NEW_FLOW],
  'upstream.citizen': [
    '国民が拒んだか、カードの状態により署名できません。ガイドラインの行は `failure.row` にあります。',
    '国民の画面が、すること（ロック解除・更新・署名のやり直し）を示す。',
  ],
  'upstream.restart': ['サービスが、始めからやり直すことを求めています。', NEW_FLOW],
  'upstream.operator': [
    'サービスがこちらを拒んでいます。クライアント・鍵・登録のいずれかが誤りです。',
    CHECK_SERVICE,
  ],
  'upstream.temporary': ['サービスがいま応じられません。', SEND_AGAIN],
  'upstream.final': ['署名トランザクションは、サービスで終わっています。', NEW_FLOW],
  'upstream.refresh': [
    'アクセストークンが拒まれました。新しいものを取ります。',
    'することはない。続くときは時計を調べる。',
  ],
  'upstream.response': [
    'サービスの応答を理解できません。',
    '自動的にやり直す。続くときは `wire.ts` をサービスの文書と比べる。',
  ],
  'upstream.unreachable': [
    '相手（サービス、プラットフォーム事業者、ブローカーなど）に届きません。',
    SEND_AGAIN,
  ],
  'upstream.timeout': ['相手が時間内に応じませんでした。', SEND_AGAIN],
  'upstream.tls': [
    '相手の証明書を信頼できません。',
    'CA の一覧・プロキシ・ホスト名を確かめる。何も送っていない。',
  ],
  'transaction.state': [
    'いまの状態では、それはできません。',
    '申請または検証を読み、その状態に応じて進める。',
  ],
  'transaction.display-name': [
    '署名対象データ名を受け入れられません。',
    '制御文字のない 1 から 100 文字にする。',
  ],
  'transaction.expired': ['申請の時間が過ぎました。', '文書をもう一度渡す。'],
  'transaction.restored': ['署名の途中で、バックアップが戻されました。', NEW_FLOW],
  'transaction.cancelled': ['申請は取り消されています。', 'まだ必要なら、文書をもう一度渡す。'],
  'transaction.hand-over': [
    '申請をまだどのブラウザーも開いておらず、このブラウザーはそのリンクから来ていません。',
    '国民を sign_url に案内する。使用済みなら新しく作る（POST …/sign-url）。',
  ],
  'transaction.other-browser': [
    '申請は別のブラウザーで開かれています。',
    'そちらで続けるか、このブラウザーのために新しい sign_url を作る（POST …/sign-url）。',
  ],
  'signer.name-element': [
    '署名者の氏名の要素が、文字列を持ってちょうど一つ、ありません。',
    '署名される部分に、文字列だけの要素を一つ置く（JITSUIN_SIGNER_NAME_ELEMENT）。',
  ],
  'signer.login-ended': ['署名の前にログインが終わりました。', '国民がログインし、始めからやり直す。'],
  'signer.other-person': [
    'ログインしている人と別の人が署名しました。',
    'ログインしている人が、自分のカードで署名する。',
  ],
  'signer.name': ['文書の氏名が、証明書の氏名と違います。', '文書を直すか、正しい人が署名する。'],
  'login.none': ['このブラウザーでは誰もログインしていません。', 'ログインしてから、もう一度行う。'],
  'login.tokens-gone': ['続けるためのトークンが残っていません。', 'もう一度ログインするか、署名する。'],
  'store.conflict': ['同じ時に、別の人が変えました。', '読み直して、したかったことを繰り返す。'],
  'store.unavailable': ['データベースが応じません。', SEND_AGAIN],
  'store.full': ['ストアのディスクが一杯です。', '運用者が空きを作る。何も失われていない。'],
  'store.value': ['文字列に NUL または片割れのサロゲートがあります。', '正しい Unicode を送る。'],
  'store.migration': [
    'データベースのスキーマが、プログラムより古い（または新しい）です。',
    '`jitsuin migrate --role ROLE` を実行するか、合う版を起動する。',
  ],
  'store.put-back': [
    'データがバックアップから戻されましたが、一緒に戻ったものがまだ無効にされていません。',
    '`jitsuin store restored --role ROLE` を実行する。',
  ],
  'store.went-back': [
    '確定したものがデータベースにありません。切り替え・スナップショット・復旧で失われました。',
    '役割を止め、失われたものを調べ、`jitsuin store restored --role ROLE` を実行する（samples/RESTORE.md）。',
  ],
  'store.not-empty': ['データは空のストアにだけ移せます。', '空のものを選ぶ。'],
  'queue.unavailable': ['Redis またはキューが応じません。', 'ジョブはデータベースで待つ。キューを復旧する。'],
  'queue.unknown-version': ['ジョブが、より新しいプログラムのものです。', 'その版のワーカーを起動する。'],
  'queue.time-limit': ['ジョブに時間がかかりすぎ、やり直します。', '続くときは、何を待っているかを調べる。'],
  'queue.abandoned': [
    'ジョブの途中で、ワーカーが何度も落ちました。',
    'ログとメモリーを調べ、`jitsuin jobs retry` を実行する。',
  ],
  'http.authentication': [
    '資格情報がないか、ここで知らないものです。',
    '`Authorization: Bearer …` を送る。pf には要求ごとに新しいアサーションを送る。',
  ],
  'http.forbidden': ['このテナントには、それが許されていません。', 'テナントの契約を確かめる。'],
  'http.not-found': ['このパスと ID に、このテナントのものはありません。', 'パスと ID を確かめる。'],
  'http.method': ['このメソッドはここでは使えません。', 'Allow にあるメソッドを使う。'],
  'http.syntax': [
    '届いたものが HTTP/1.1 の要求でないか、ヘッダーが長すぎるか、時間内に届きませんでした。',
    'RFC 9112 のとおりに送る。三つのどれかはステータスが示す。',
  ],
  'http.body': ['要求を読めません。場所は `at` にあります。', '/docs に従って直す。'],
  'http.body-size': ['本体が上限より大きいです。', '小さくして送るか、JITSUIN_BODY_LIMIT を上げる。'],
  'http.media-type': [
    '受け入れられない Content-Type です。',
    '/docs にあるものを、UTF-8 で、圧縮せずに送る。',
  ],
  'http.cookie': [
    'ブラウザーから、こちらのクッキーが戻ってきませんでした。',
    'クッキーを許し、プライベートウィンドウをやめ、リンクまたはページを開き直す。何も使われていない。',
  ],
  'http.origin': ['フォームが別のサイトから送られました。', 'こちらのページを開き直し、そこから送る。'],
  'http.rate': ['このテナントの要求が多すぎます。', 'Retry-After のとおりに待つ。'],
  'http.shutting-down': ['プロセスが終わるところです。', SEND_AGAIN],
  'webhook.url': [
    'Webhook を送れる URL ではありません。',
    'ポート 443 の https で、利用者名とフラグメントのないものを使う。',
  ],
  'webhook.address': ['公開のインターネットのアドレスではありません。', '公開のものを使う。'],
  'webhook.exists': ['この URL のエンドポイントは既にあります。', 'それを使う。'],
  'webhook.limit': ['テナントのエンドポイントは十個までです。', '一つ削除する。'],
  'webhook.disabled': [
    '配信先のエンドポイントは止められているか、ありません。',
    '有効にするか、登録し直す。',
  ],
  'webhook.rotation': [
    '既に三つの秘密で署名しています。代わられた秘密は、約束した 24 時間は生きます。',
    '最も新しいものを配備し、Retry-After の後にもう一度切り替える。',
  ],
  'passkey.form': ['パスキーの応答を読めません。', '最新のブラウザーでもう一度行う。'],
  'passkey.challenge': [
    'チャレンジが、このブラウザーにこの目的で渡したものでないか、使用済みか、古すぎます。',
    'こちらのページで始めからやり直す。',
  ],
  'passkey.unknown': [
    'この ID のパスキーはここにありません。',
    'カードでログインするか、別のパスキーを使う。',
  ],
  'passkey.suspended': [
    'パスキーのカウンターが一度増えませんでした。複製されたのかもしれません。',
    'カードでログインし、パスキーを取り除いて新しく作る。',
  ],
  'passkey.card-needed': [
    'パスキーは、カードでログインした後にだけ作れます。ログアウトの後や、長くカードを使わないと休止します。',
    LOG_IN_BY_CARD,
  ],
  'passkey.limit': ['パスキーは、持てる数だけあります。', '一つ取り除く。'],
  'passkey.name': ['パスキーの名を受け入れられません。', '見える文字を数文字使う。'],
  'passkey.refused': ['パスキーを受け入れられません。', 'このコンソールに登録したパスキーを使う。'],
  'passkey.counter': [
    'パスキーのカウンターが戻っています。複製されたのかもしれません。',
    '取り除いて、新しく登録する。',
  ],
  'operator.session': ['担当者がログインしていません。', 'もう一度ログインする。'],
  'operator.invitation': ['招待は使用済みか、期限切れです。', '管理者に新しいものを求める。'],
  'approval.state': ['変更は既に決まっています。', '変更の一覧を見る。'],
  'approval.expired': ['変更が、二人目を待つ時間を過ぎました。', 'もう一度提案する。'],
  'approval.own': ['自分の変更を自分で承認することはできません。', '別の人が承認する。'],
  'idempotency.key': [
    'Idempotency-Key がないか、見える ASCII 文字ではありません。',
    '1 から 255 文字で送る。新しい要求ごとに新しい UUID を使う。',
  ],
  'idempotency.mismatch': ['キーは、別の要求に使われています。', '新しい要求には新しいキーを使う。'],
  'idempotency.restored': [
    'キーは、戻されたバックアップの後に使われたかもしれません。',
    '最初の要求が効いたかを調べてから、メッセージの示す接頭辞の新しいキーを使う。',
  ],
  'idempotency.running': ['このキーの最初の要求が、まだ処理中です。', '待って、同じキーでもう一度送る。'],
  'internal.unexpected': [
    '誰も予期しなかった失敗です。',
    '`instance` の ID とともに報告する。ログにその ID で記録がある。',
  ],
};

/** Who can end a failure of this kind, as in the English catalogue. */
export const WHO_ACTS_JA: Readonly<Record<ErrorKind, string>> = {
  'bad-input': '呼び出し側',
  'too-large': '呼び出し側',
  'unsupported-media': '呼び出し側',
  unauthenticated: '呼び出し側',
  forbidden: '呼び出し側',
  'not-found': '呼び出し側',
  'wrong-method': '呼び出し側',
  conflict: '呼び出し側',
  unprocessable: '呼び出し側',
  gone: '呼び出し側',
  'rate-limited': '待つだけでよい',
  'invalid-signature': '署名またはトークンを作った者',
  citizen: '国民',
  restart: '国民（始めからやり直す）',
  operator: '運用者',
  temporary: '待つだけでよい',
  undecided: '待つだけでよい。続くときは運用者',
  internal: 'jitsuin の開発者',
};
