import type { SimulatedPerson } from './people.ts';

/** A person with what the signing certificate says, which can differ from the card face by substitute characters. */
export interface Resident extends SimulatedPerson {
  readonly certificateName: string;
  /** One digit a code point: 0 as is, 1 substituted. */
  readonly nameSubstitution: string;
  readonly certificateAddress: string;
  readonly addressSubstitution: string;
  /** Era digit and YYYYMMDD (1 Meiji … 5 Reiwa, 0 unknown). */
  readonly certificateBirthdate: string;
  /** `next`: the card announced for 2028, whose signing key is on P-384. */
  readonly generation?: 'next';
  /** Romanised, as the subject and the distribution point have them. */
  readonly prefecture: string;
  readonly municipality: string;
}

type Common = Pick<Resident, 'address' | 'prefecture' | 'municipality'>;

const MOGI_KU: Common = {
  address: '東京都模擬区見本町一丁目2番3号',
  prefecture: 'Tokyo-to',
  municipality: 'Mogi-ku',
};
const MIHON_SHI: Common = {
  address: '神奈川県見本市模擬4番地5',
  prefecture: 'Kanagawa-ken',
  municipality: 'Mihon-shi',
};
/** Its certificates all come from the previous generation of the CA, so one CRL has one issuer. */
const KYU_MIHON_CHO: Common = {
  address: '長野県模擬郡旧見本町6番地',
  prefecture: 'Nagano-ken',
  municipality: 'Mogi-gun-Kyumihon-machi',
};

type Plain = SimulatedPerson & Pick<Resident, 'certificateBirthdate' | 'prefecture' | 'municipality'>;

/** Somebody whose certificate has no substitute character. */
function plain(person: Plain): Resident {
  return {
    ...person,
    certificateName: person.name,
    nameSubstitution: '0'.repeat([...person.name].length),
    certificateAddress: person.address,
    addressSubstitution: '0'.repeat([...person.address].length),
  };
}

/** Everybody who lives here. Family name 模擬, municipalities that do not exist. */
export const RESIDENTS: readonly Resident[] = [
  plain({
    id: 'taro',
    name: '模擬 太郎',
    birthdate: '19850315',
    certificateBirthdate: '319850315',
    gender: '1',
    card: 'valid',
    ...MOGI_KU,
  }),
  plain({
    id: 'hanako',
    name: '模擬 花子',
    birthdate: '19980720',
    certificateBirthdate: '419980720',
    gender: '2',
    card: 'valid',
    ...MIHON_SHI,
  }),
  {
    id: 'kanji',
    // U+20BB7 and U+9AD9, then U+845B with the variation selector U+E0100: four code points, three characters.
    name: '模擬 \u{20BB7}\u9AD9\u845B\u{E0100}',
    birthdate: '20190501',
    gender: '3',
    card: 'valid',
    ...MOGI_KU,
    address: '東京都模擬区\u{20BB7}野町二丁目7番\u2015101号',
    certificateName: '模擬 吉高葛',
    nameSubstitution: '000111',
    certificateAddress: '東京都模擬区\u{20BB7}野町二丁目7番-101号',
    addressSubstitution: '0000000000000010000',
    certificateBirthdate: '520190501',
  },
  plain({
    id: 'locked',
    name: '模擬 錠',
    birthdate: '19701103',
    certificateBirthdate: '319701103',
    gender: '1',
    card: 'locked',
    ...MOGI_KU,
  }),
  plain({
    id: 'expired',
    name: '模擬 満了',
    birthdate: '19620228',
    certificateBirthdate: '319620228',
    gender: '2',
    card: 'expired',
    ...KYU_MIHON_CHO,
  }),
  plain({
    id: 'revoked',
    name: '模擬 失効',
    birthdate: '19901231',
    certificateBirthdate: '419901231',
    gender: '1',
    card: 'revoked',
    ...MIHON_SHI,
  }),
  plain({
    id: 'on-hold',
    name: '模擬 停止',
    birthdate: '19770707',
    certificateBirthdate: '319770707',
    gender: '2',
    card: 'on-hold',
    ...MOGI_KU,
  }),
  plain({
    id: 'not-installed',
    name: '模擬 未搭載',
    birthdate: '20120401',
    certificateBirthdate: '420120401',
    gender: '1',
    card: 'not-installed',
    ...MIHON_SHI,
  }),
  plain({
    id: 'malformed',
    name: '模擬 不正',
    birthdate: '19880808',
    certificateBirthdate: '319880808',
    gender: '1',
    card: 'malformed',
    ...MIHON_SHI,
  }),
  plain({
    id: 'elder',
    name: '模擬 古老',
    birthdate: '19260000',
    certificateBirthdate: '019260000',
    gender: '2',
    card: 'valid',
    ...MIHON_SHI,
  }),
  plain({
    id: 'previous',
    name: '模擬 旧世代',
    birthdate: '19930909',
    certificateBirthdate: '419930909',
    gender: '1',
    card: 'valid',
    ...KYU_MIHON_CHO,
  }),
  {
    ...plain({
      id: 'next-card',
      name: '模擬 次期',
      birthdate: '20000301',
      certificateBirthdate: '420000301',
      gender: '2',
      card: 'valid',
      ...MIHON_SHI,
    }),
    generation: 'next',
  },
];
