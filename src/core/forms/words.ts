import {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  C14N_1_1_WITH_COMMENTS,
  type C14nUri,
  EXC_C14N,
  EXC_C14N_WITH_COMMENTS,
} from '../c14n/algorithms.ts';
import { DIGEST_SHA256 } from '../xmldsig/algorithms.ts';
import type { DigestWord } from './form.ts';

/** The words of form files → what they mean. A word that is not here does not exist for a form. */
export const C14N_WORDS: Readonly<Record<string, C14nUri>> = {
  c14n10: C14N_1_0,
  'c14n10-comments': C14N_1_0_WITH_COMMENTS,
  c14n11: C14N_1_1,
  'c14n11-comments': C14N_1_1_WITH_COMMENTS,
  'exc-c14n': EXC_C14N,
  'exc-c14n-comments': EXC_C14N_WITH_COMMENTS,
};

const MORE_2001 = 'http://www.w3.org/2001/04/xmldsig-more#';
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';

export const ALGORITHM_WORDS: Readonly<Record<string, string>> = {
  'rsa-sha256': `${MORE_2001}rsa-sha256`,
  'rsa-sha384': `${MORE_2001}rsa-sha384`,
  'rsa-sha512': `${MORE_2001}rsa-sha512`,
  'rsa-pss-sha256': `${MORE_2007}sha256-rsa-MGF1`,
  'rsa-pss-sha384': `${MORE_2007}sha384-rsa-MGF1`,
  'rsa-pss-sha512': `${MORE_2007}sha512-rsa-MGF1`,
  'ecdsa-sha256': `${MORE_2001}ecdsa-sha256`,
  'ecdsa-sha384': `${MORE_2001}ecdsa-sha384`,
};

export const DIGEST_WORDS: Readonly<Record<DigestWord, string>> = {
  sha256: DIGEST_SHA256,
  sha384: `${MORE_2001}sha384`,
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};
