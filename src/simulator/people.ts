/** State of the signing certificate and its card when the simulator starts. */
export type CardState =
  | 'valid'
  | 'locked'
  | 'expired'
  | 'revoked'
  | 'on-hold'
  | 'not-installed'
  | 'malformed';

/** A pretended person. All of them bear the family name 模擬 and live in 模擬 municipalities that do not exist. */
export interface SimulatedPerson {
  /** `taro`, `hanako`, … */
  readonly id: string;
  /** As the card face and UserInfo give it. */
  readonly name: string;
  readonly address: string;
  /** YYYYMMDD; unknown parts are zeros. */
  readonly birthdate: string;
  /** 1 male, 2 female, 3 unknown */
  readonly gender: '1' | '2' | '3';
  readonly card: CardState;
}

/** The choice that a citizen makes on the simulator's page. */
export const CITIZEN_OUTCOMES = [
  'sign', // normal; what the card's own state allows
  'refuse', // 連携に同意しない
  'authentication-failed', // the card procedure failed
  'wrong-pin', // one failed PIN entry; the card locks after the last try
  'wrong-person', // authenticated with one card, signed with another person's
  'locked',
  'expired',
  'revoked',
  'not-installed',
  'malformed',
  'not-signed', // the redirect comes, but nothing was signed
  'abandon', // the citizen closes the window
] as const;

export type CitizenOutcome = (typeof CITIZEN_OUTCOMES)[number];
