import type { PersonalField } from './console-ports.ts';

/** What a signing certificate tells about a person, as the console names it. */
export const PERSONAL_FIELDS: readonly PersonalField[] = [
  { name: 'name', label: { ja: '氏名', en: 'Name' } },
  { name: 'address', label: { ja: '住所', en: 'Address' } },
  { name: 'birth', label: { ja: '生年月日', en: 'Date of birth' } },
  { name: 'sex', label: { ja: '性別', en: 'Sex' } },
  { name: 'subject', label: { ja: '証明書の主体者', en: 'Subject of the certificate' } },
  { name: 'serial', label: { ja: '発行番号', en: 'Serial number' } },
];
