import { constants, publicDecrypt, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cardInput, serviceMode } from '../../../src/simulator/auth-and-sign/signing-input.ts';
import { makeCard, PIN_TRIES, type SimulatedCard } from '../../../src/simulator/card/card.ts';
import { makeRegistry } from '../../../src/simulator/jpki/registry.ts';
import { BASE_TIME, DIGEST_INFO, DOCUMENT, sha256 } from './relying-party.ts';

const registry = makeRegistry('test', BASE_TIME);

function card(id: string): SimulatedCard {
  const issued = registry.cards.find(({ resident }) => resident.id === id);
  if (issued === undefined) throw new Error(`no card ${id}`);
  return makeCard(issued);
}

function signatureOf(id: string, input: Uint8Array): Buffer {
  const answer = card(id).sign(input);
  if (answer.kind !== 'signed') throw new Error(answer.reason);
  return answer.signatureValue;
}

describe('what the service hands to the card (facts 1.7)', () => {
  const hash = sha256(DOCUMENT);
  const info = Buffer.concat([DIGEST_INFO, hash]);

  it('is DigestInfo as it is, and any other data hashed again', () => {
    expect(cardInput(info)).toEqual(info);
    // The test vector of the facts: SHA-256 of the 32-octet hash.
    expect(cardInput(hash).toString('hex')).toBe(
      `${DIGEST_INFO.toString('hex')}99527f5adf535717fd8daf4ef29617792a4e6abf70f60d18b1baad176c495f8c`,
    );
  });

  it.each([
    ['50 octets', info.subarray(0, 50)],
    ['52 octets', Buffer.concat([info, Buffer.of(0)])],
    ['51 octets with another prefix', Buffer.concat([Buffer.alloc(19, 0x30), hash])],
    ['32 octets', hash],
    ['nothing but the prefix', DIGEST_INFO],
  ])('%s is not DigestInfo', (_what, data) => {
    expect(serviceMode(data)).toBe('digest');
    expect(cardInput(data)).toEqual(Buffer.concat([DIGEST_INFO, sha256(data)]));
  });

  it('signed raw, equals RSA-SHA256 over the document in digest-info mode', () => {
    const key = registry.cards[0]?.signKey.privateKey;
    if (key === undefined) throw new Error('no key');
    expect(signatureOf('taro', info)).toEqual(sign('sha256', DOCUMENT, key));
    expect(signatureOf('taro', cardInput(hash))).toEqual(sign('sha256', hash, key));
  });

  it('is padded only: the card does not look at it', () => {
    const odd = Buffer.from('not a DigestInfo');
    const key = registry.cards[0]?.signKey.privateKey;
    if (key === undefined) throw new Error('no key');
    expect(publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signatureOf('taro', odd))).toEqual(
      odd,
    );
  });
});

describe('the PIN', () => {
  it('locks after so many wrong tries in a row; a right one restores them', () => {
    const taro = card('taro');
    for (let left = PIN_TRIES - 1; left > 0; left -= 1) expect(taro.enterPin('wrong')).toBe('wrong');
    expect(taro.enterPin('right')).toBe('accepted');
    expect(taro.triesLeft).toBe(PIN_TRIES);
    for (let left = PIN_TRIES - 1; left > 0; left -= 1) taro.enterPin('wrong');
    expect(taro.enterPin('wrong')).toBe('locked');
    expect(taro.enterPin('right')).toBe('locked');
    expect(taro.sign(cardInput(DOCUMENT))).toEqual({ kind: 'refused', reason: 'locked' });
    taro.unlock();
    expect(taro.sign(cardInput(DOCUMENT)).kind).toBe('signed');
  });

  it('is locked from the beginning on one card, and another has no certificate', () => {
    expect(card('locked').enterPin('right')).toBe('locked');
    expect(card('not-installed').sign(cardInput(DOCUMENT))).toEqual({
      kind: 'refused',
      reason: 'not-installed',
    });
  });
});
