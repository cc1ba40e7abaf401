/** A sentence in both languages of the pages. */
export interface Bilingual {
  readonly en: string;
  readonly ja: string;
}

/**
 * Why the service refused, for the developer of the client: on the simulator's page and in its log, never in the
 * answer.
 * Values of tokens, codes and assertions do not stand in it, only what is wrong with them.
 */
export interface Explanation {
  /** `state`, `client_assertion aud`, `Authorization`. */
  readonly parameter: string;
  readonly came: Bilingual;
  readonly rule: Bilingual;
  /** Where the rule is written. */
  readonly source: string;
  /** The guideline is silent: the rule is that of Keycloak, whose sentences it prints. */
  readonly assumption?: true;
}

export const AUTHORIZATION_REFERENCE =
  'デジタル認証アプリサービスAPI, authserver reference, authorization endpoint';
export const TOKEN_TABLE = 'guideline, error table of the token endpoint';
export const START_TABLE = 'guideline, error table of 署名トランザクション開始';
export const RESULT_TABLE = 'guideline, error table of 署名トランザクション結果取得';

/** What a parameter looks like from outside; its value is not told. */
export function described(value: unknown): Bilingual {
  if (value === undefined) return { en: 'it is missing', ja: '送られていません' };
  if (Array.isArray(value)) return { en: 'it was sent more than once', ja: '2回以上送られました' };
  if (typeof value !== 'string') return { en: 'it is no text', ja: '文字列ではありません' };
  if (value === '') return { en: 'it is empty', ja: '空です' };
  const length = [...value].length;
  return { en: `it has ${length} characters`, ja: `${length}文字です` };
}

/** The form of one parameter: which characters, and how many. */
export interface ParameterForm {
  readonly most: number;
  readonly character: RegExp;
  readonly alphabet: Bilingual;
}

const VISIBLE: Omit<ParameterForm, 'most'> = {
  character: /[\x20-\x7E]/u,
  alphabet: { en: 'of U+0020 to U+007E', ja: 'U+0020〜U+007E' },
};

export const VISIBLE_255: ParameterForm = { most: 255, ...VISIBLE };
export const VISIBLE_ANY: ParameterForm = { most: 4096, ...VISIBLE };
export const CHALLENGE: ParameterForm = {
  most: 128,
  character: /[0-9A-Za-z_-]/u,
  alphabet: { en: 'of base64url without padding', ja: 'パディングなしの base64url の文字' },
};

/** What is wrong with the form of a value; undefined when nothing is. */
export function formFault(parameter: string, value: unknown, form: ParameterForm): Explanation | undefined {
  const { most, character, alphabet } = form;
  const rule = {
    en: `the service takes 1 to ${most} characters ${alphabet.en}`,
    ja: `サービスが受け取るのは1〜${most}文字(${alphabet.ja})です`,
  };
  const fault = (came: Bilingual): Explanation => ({
    parameter,
    came,
    rule,
    source: AUTHORIZATION_REFERENCE,
  });
  if (typeof value !== 'string' || value === '') return fault(described(value));
  const characters = [...value];
  const wrong = characters.findIndex((each) => !character.test(each));
  if (wrong < 0) return characters.length > most ? fault(described(value)) : undefined;
  const code = (characters[wrong]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return fault({ en: `character ${wrong + 1} is U+${code}`, ja: `${wrong + 1}文字目が U+${code} です` });
}

/** One line of the log. */
export function explanationLine({ parameter, came, rule, source, assumption }: Explanation): string {
  const sure = assumption === true ? ', ASSUMPTION' : '';
  return `${parameter}: ${came.en}; ${rule.en} (${source}${sure})`;
}
