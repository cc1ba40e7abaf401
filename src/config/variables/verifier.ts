import { AGEING_ALGORITHMS, ALGORITHM_ENDS, type AlgorithmEnds } from '../../core/digest/algorithm-ends.ts';
import { choice, duration, file, folder, type Kind, mapped, secureUrl, text } from '../kinds.ts';
import { chapter, VERIFIERS } from '../variable.ts';

export const VERIFIER = chapter(
  { en: 'gov and pf: the verification', ja: 'gov と pf の検証' },
  {
    JITSUIN_TRUST_FILE: {
      member: 'trustFile',
      kind: file(),
      roles: VERIFIERS,
      needed: VERIFIERS,
      means: {
        en: 'PEM of the trust anchors of this environment; anchors never come from a message',
        ja: 'この環境のトラストアンカーの PEM。アンカーは決してメッセージから取らない',
      },
    },
    JITSUIN_POLICY_FILE: {
      member: 'policyFile',
      kind: file(),
      roles: VERIFIERS,
      otherwise: {
        en: 'the shipped one of the environment, `samples/policies/jpki.json` or `jpki-test.json`',
        ja: '環境に応じた付属のもの（`samples/policies/jpki.json` か `jpki-test.json`）',
      },
      means: {
        en:
          'the validation policy: which keys, hashes and usages are accepted and until when, how fresh ' +
          'revocation data must be, what only warns ([the policy file](guides/policy-file.md)). Its name and ' +
          'SHA-256 go into each report and record',
        ja:
          '検証ポリシー。受け入れる鍵・ハッシュ・用途とその期限、失効情報の鮮度、警告だけにする規則' +
          '（[ポリシーファイル](guides/policy-file.md)）。名前と SHA-256 を報告と証跡に記す',
      },
    },
    JITSUIN_OCSP_URL: {
      member: 'ocspUrl',
      kind: secureUrl(),
      roles: VERIFIERS,
      means: {
        en: 'source of revocation data; one of these three is needed. A URL inside a certificate is never followed',
        ja: '失効情報の取得元。これら三つのうち一つは要る。証明書の中の URL は決してたどらない',
      },
    },
    JITSUIN_OCSP_NONCE: {
      member: 'ocspNonce',
      kind: choice('required', 'not-sent'),
      roles: VERIFIERS,
      default: 'required',
      needs: 'JITSUIN_OCSP_URL',
      means: {
        en:
          '`not-sent`: for responders that answer without a nonce. The risk: an old answer that says good can be ' +
          'given again after a revocation, for as long as `revocation.maximumAgeSeconds` of ' +
          '`JITSUIN_POLICY_FILE` lets it count; without that bound the start is refused',
        ja:
          '`not-sent` は nonce に応えないレスポンダー用。危険: 失効後も、`JITSUIN_POLICY_FILE` の ' +
          '`revocation.maximumAgeSeconds` の間は、有効と答えた古い応答を使い回されうる。この上限がなければ起動しない',
      },
    },
    JITSUIN_OCSP_CERT_ID: {
      member: 'ocspCertId',
      kind: choice('sha1', 'sha256'),
      roles: VERIFIERS,
      default: 'sha1',
      needs: 'JITSUIN_OCSP_URL',
      means: {
        en:
          'the hash by which requests name a certificate (CertID, RFC 6960 section 4.1.1); it names and protects ' +
          'nothing. The risk of `sha256`: responders of the old kind (RFC 5019) answer `unauthorized`',
        ja:
          '要求で証明書を指すハッシュ（CertID、RFC 6960 4.1.1 節）。指すだけで守りはしない。' +
          '`sha256` の危険: 古い型のレスポンダー（RFC 5019）は `unauthorized` と答える',
      },
    },
    JITSUIN_OCSP_SIGNER_FILE: {
      member: 'ocspSignerFile',
      kind: file(),
      roles: VERIFIERS,
      secret: 'file',
      needs: 'JITSUIN_OCSP_URL',
      means: {
        en:
          'one PEM file (mode 600) with a certificate, those between, and its private key (RSA, P-256 or P-384), by ' +
          'which each question to the responder is signed (RFC 6960 section 4.1.2), for responders that answer ' +
          'nobody unknown. The risk: whoever has the file asks in our name, and each question can be shown to be ours',
        ja:
          '証明書（中間も）と秘密鍵（RSA・P-256・P-384）を入れた PEM ファイル一つ（モード 600）。レスポンダーへの要求に署名する' +
          '（RFC 6960 4.1.2 節）。登録した者にだけ答えるレスポンダー用。危険: このファイルを持つ者は当方の名で問い合わせることができ、' +
          'どの要求も当方のものと示せる',
      },
    },
    JITSUIN_REVOCATION_TLS_CLIENT_FILE: {
      member: 'revocationTlsClientFile',
      kind: file(),
      roles: VERIFIERS,
      secret: 'file',
      means: {
        en:
          'one PEM file (mode 600) with a certificate and its private key, by which we are known to the sources of ' +
          'revocation data that ask for a TLS certificate. The risk: whoever has the file asks in our name, and is ' +
          'billed to us',
        ja:
          '証明書と秘密鍵を入れた PEM ファイル一つ（モード 600）。TLS のクライアント証明書を求める失効情報の取得元に対して使う。' +
          '危険: このファイルを持つ者は、当方の名で問い合わせ、当方に課金させることができる',
      },
    },
    JITSUIN_CRL_URL: {
      member: 'crlUrl',
      kind: secureUrl(),
      roles: VERIFIERS,
      means: {
        en:
          'the same for lists: `?dp=` with the base64url DER Name of the distribution point is ' +
          'appended, and `&aki=` with the issuing key’s identifier',
        ja: '失効リストの取得元。`?dp=`（配布点の DER Name の base64url）と `&aki=`（発行者の鍵識別子）が付く',
      },
    },
    JITSUIN_CRL_DIR: {
      member: 'crlDir',
      kind: folder(),
      roles: VERIFIERS,
      means: { en: 'the same for lists that lie in a folder', ja: 'フォルダーに置かれた失効リスト' },
    },
    JITSUIN_CLOCK_TOLERANCE_SECONDS: {
      member: 'clockTolerance',
      kind: duration('seconds', 1, 3600),
      roles: VERIFIERS,
      default: '60',
      means: {
        en:
          'when the clock here and the `Date` of a revocation source differ by more, an alarm is ' +
          'logged (`clock.off`) and no verdict is made',
        ja: 'ここの時計と失効情報の取得元の `Date` がこれより違えば、警報を記録し（`clock.off`）、判定しない',
      },
    },
    JITSUIN_SIGNER_NAME_ELEMENT: {
      member: 'signerNameElement',
      kind: text(
        {
          en: '`NAME` or `{namespace}NAME`, at most 255',
          ja: '`NAME` または `{名前空間}NAME`、255 文字以内',
        },
        /^(?=.{1,255}$)(?:\{[^{}]+\})?[^#{}\s]+$/u,
        '{urn:example}氏名',
      ),
      roles: ['gov'],
      means: {
        en:
          'the one element in the signed part whose text must be the name in the signing certificate; ' +
          'an application without it is refused, another name ends it as `signer.name`',
        ja: '署名部分の中で、署名用電子証明書の氏名と一致すべき唯一の要素。なければ申請を拒み、違う氏名なら `signer.name` で終わる',
      },
    },
    JITSUIN_INTERMEDIATES_FILE: {
      member: 'intermediatesFile',
      kind: file(),
      roles: ['pf'],
      means: {
        en: 'PEM of intermediate certificates, where the PKI has some',
        ja: '中間証明書の PEM（PKI にある場合）',
      },
    },
  },
);

export const TIME_STAMPING = chapter(
  { en: 'gov and pf: time-stamps', ja: 'gov と pf のタイムスタンプ' },
  {
    JITSUIN_TSA_URL: {
      member: 'tsaUrl',
      kind: secureUrl(),
      roles: VERIFIERS,
      means: {
        en:
          'the time-stamp authority (RFC 3161 over HTTP) that covers kept evidence; without it ' +
          'evidence has no time-stamps',
        ja: '証跡を覆うタイムスタンプ局（HTTP 上の RFC 3161）。なければ証跡にタイムスタンプは付かない',
      },
    },
    JITSUIN_TSA_TRUST_FILE: {
      member: 'tsaTrustFile',
      kind: file(),
      roles: VERIFIERS,
      needs: 'JITSUIN_TSA_URL',
      means: { en: 'PEM of its roots; needed beside it', ja: 'その局のルートの PEM。局があれば要る' },
    },
    JITSUIN_TSA_CRL_URL: {
      member: 'tsaCrlUrl',
      kind: secureUrl(),
      roles: VERIFIERS,
      needs: 'JITSUIN_TSA_URL',
      means: {
        en:
          'where it is said whether the authority’s certificate was revoked; at least one of these ' +
          'three beside `JITSUIN_TSA_URL`, OCSP counts where it is given. A token whose certificate is ' +
          'not known to be good is not kept, and what decided is kept with it',
        ja: '局の証明書の失効情報の取得元。`JITSUIN_TSA_URL` があれば三つのうち一つは要り、OCSP があればそれを使う。証明書が有効とわからないトークンは残さず、判断の元も共に残す',
      },
    },
    JITSUIN_TSA_CRL_DIR: {
      member: 'tsaCrlDir',
      kind: folder(),
      roles: VERIFIERS,
      needs: 'JITSUIN_TSA_URL',
      means: { en: 'the same, lists in a folder', ja: '同じく、フォルダーに置かれた失効リスト' },
    },
    JITSUIN_TSA_OCSP_URL: {
      member: 'tsaOcspUrl',
      kind: secureUrl(),
      roles: VERIFIERS,
      needs: 'JITSUIN_TSA_URL',
      means: { en: 'the same, by OCSP', ja: '同じく、OCSP' },
    },
    JITSUIN_TSA_POLICY: {
      member: 'tsaPolicy',
      kind: text(
        { en: 'OID like `1.2.392.200117`', ja: '`1.2.392.200117` のような OID' },
        /^[0-2](?:\.(?:0|[1-9][0-9]{0,9})){1,20}$/,
        '1.2.392.200117',
      ),
      roles: VERIFIERS,
      otherwise: { en: 'the authority’s own', ja: '局による' },
      needs: 'JITSUIN_TSA_URL',
      means: { en: 'the policy to ask for', ja: '求めるポリシー' },
    },
    JITSUIN_TSA_PERIOD_SECONDS: {
      member: 'tsaPeriod',
      kind: duration('seconds', 0, 604_800),
      roles: VERIFIERS,
      default: '3600',
      needs: 'JITSUIN_TSA_URL',
      means: {
        en: 'after so long at the latest, new evidence is covered by one token over a hash tree',
        ja: '遅くともこの時間の後に、新しい証跡をハッシュ木の上の一つのトークンで覆う',
      },
    },
    JITSUIN_TSA_RENEW_DAYS: {
      member: 'tsaRenewBefore',
      kind: duration('days', 1, 3650),
      roles: VERIFIERS,
      default: '180',
      needs: 'JITSUIN_TSA_URL',
      means: {
        en:
          'tokens are renewed so long before the authority’s certificate or a kind of key under them ' +
          'ends, trees so long before their hash does',
        ja: '局の証明書や鍵の種類が終わるこの期間前にトークンを更新し、ハッシュが終わるこの期間前に木を更新する',
      },
    },
    JITSUIN_ALGORITHM_ENDS: {
      member: 'algorithmEnds',
      kind: algorithmEnds(),
      roles: VERIFIERS,
      otherwise: { en: '`rsa-2048=2030-12-31`', ja: '`rsa-2048=2030-12-31`' },
      means: {
        en:
          'the last day on which hashes and kinds of keys are taken for sound, beside the default ' +
          '(NIST SP 800-57 part 1 rev. 5, table 4). `rsa-2048` is below 3,072 bits, `rsa-3072` below ' +
          '7,680. Before a hash ends, evidence is hashed anew with the next one (RFC 4998 section ' +
          '5.3); before a kind of key ends that the authority or its CA has, a new token is asked for, ' +
          'and `timestamp.renewal` is logged while it would stand on the same',
        ja:
          'ハッシュと鍵の種類を健全とみなす最後の日。既定値（NIST SP 800-57 part 1 rev. 5 表 4）に加える。`rsa-2048` は 3,072 ' +
          'ビット未満、`rsa-3072` は 7,680 ビット未満。ハッシュが終わる前に次のハッシュで証跡を取り直し（RFC 4998 5.3 節）、局やその CA ' +
          'の鍵の種類が終わる前に新しいトークンを求め、同じ鍵のままなら `timestamp.renewal` を記録する',
      },
    },
  },
);

/**
 * `sha256=2035-12-31,rsa-2048=2030-12-31`: the last day on which each is taken for sound, beside what is known
 * here.
 */
function algorithmEnds(): Kind<AlgorithmEnds> {
  const names = AGEING_ALGORITHMS.map((name) => `\`${name}\``).join(', ');
  const list = text(
    {
      en: `list like \`sha256=2035-12-31,p-256=2035-12-31\` of ${names}`,
      ja: `\`sha256=2035-12-31,p-256=2035-12-31\` のような並び。名は ${names}`,
    },
    /^(?:[a-z0-9-]{5,8}=\d{4}-\d{2}-\d{2}(?:,(?!$)|$)){1,10}$/,
    'sha256=2035-12-31,p-256=2035-12-31',
  );
  return mapped(list, (value) => {
    const pairs = value.split(',').map((pair) => pair.split('='));
    const ends = pairs.map(([name = '', day = '']) => [name, Date.parse(`${day}T23:59:59.999Z`)] as const);
    const known = ends.every(
      ([name, end]) => !Number.isNaN(end) && AGEING_ALGORITHMS.some((one) => one === name),
    );
    if (!known) return { fault: 'names an unknown algorithm or no day of the calendar' };
    if (new Set(ends.map(([name]) => name)).size !== ends.length)
      return { fault: 'names an algorithm twice' };
    return { value: { ...ALGORITHM_ENDS, ...Object.fromEntries(ends) } };
  });
}
