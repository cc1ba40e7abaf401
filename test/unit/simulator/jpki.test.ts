import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../../src/simulator/jpki/crl.ts';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { type IssuedCard, type JpkiRegistry, makeRegistry } from '../../../src/simulator/jpki/registry.ts';
import { HAS_OPENSSL, openssl, opensslOctets } from './openssl.ts';
import { BASE_TIME } from './relying-party.ts';

const registry = makeRegistry('test', BASE_TIME);
const AT = ['-attime', String(BASE_TIME / 1000)];

function card(id: string, from: JpkiRegistry = registry): IssuedCard {
  const found = from.cards.find(({ resident }) => resident.id === id);
  if (found === undefined) throw new Error(`no card ${id}`);
  return found;
}

const caPem = toPem(registry.authorities.sign.certificate);
const crlPem = (id: string) =>
  toPem(
    makeCrl(registry, card(id).signCertificate.distributionPoint, BASE_TIME) ?? Buffer.alloc(0),
    'X509 CRL',
  );

describe('the same seed and clock give the same octets', () => {
  it('for authorities, certificates and CRLs, and others for another seed', () => {
    const again = makeRegistry('test', BASE_TIME);
    const other = makeRegistry('another', BASE_TIME);
    const octets = (from: JpkiRegistry) => [
      from.authorities.sign.certificate.toString('hex'),
      ...from.cards.flatMap((c) => [
        c.signCertificate.der.toString('hex'),
        c.authCertificate.der.toString('hex'),
      ]),
      makeCrl(from, card('taro', from).signCertificate.distributionPoint, BASE_TIME)?.toString('hex'),
    ];
    expect(octets(again)).toEqual(octets(registry));
    expect(octets(other)).not.toEqual(octets(registry));
  });

  it('and a restart later in the same year gives the same certificates', () => {
    const later = makeRegistry('test', BASE_TIME + 20 * 86_400_000);
    expect(later.cards.map((c) => c.signCertificate.der)).toEqual(
      registry.cards.map((c) => c.signCertificate.der),
    );
  });
});

describe('certificates', () => {
  it('name the CA of their generation, which have one DN and two keys', () => {
    const today = new X509Certificate(registry.authorities.sign.certificate);
    const before = new X509Certificate(registry.authorities.previousSign.certificate);
    expect(today.subject).toBe(before.subject);
    expect(today.subject).toBe(
      'C=JP\nO=JPKI-TEST\nOU=JPKI for digital signature\nOU=Japan Agency for Local Authority Information Systems',
    );
    const taro = new X509Certificate(card('taro').signCertificate.der);
    const previous = new X509Certificate(card('previous').signCertificate.der);
    expect([taro.verify(today.publicKey), taro.verify(before.publicKey)]).toEqual([true, false]);
    expect([previous.verify(today.publicKey), previous.verify(before.publicKey)]).toEqual([false, true]);
  });

  it('end at 23:59:59 in Japan on the fifth birthday, and hide the name from the subject', () => {
    for (const { resident, signCertificate } of registry.cards) {
      const certificate = new X509Certificate(signCertificate.der);
      const end = new Date(certificate.validTo);
      expect(end.toISOString().slice(11)).toBe('14:59:59.000Z');
      const [month, day] = [resident.birthdate.slice(4, 6), resident.birthdate.slice(6, 8)];
      expect(end.toISOString().slice(5, 10)).toBe(month === '00' ? '01-01' : `${month}-${day}`);
      expect(certificate.subject).toMatch(/^C=JP\nL=[A-Za-z-]+\nL=[A-Za-z-]+\nCN=\d{14}[0-9A-F]{8}\d{4}$/);
      expect(end.getTime() > BASE_TIME).toBe(resident.card !== 'expired');
    }
  });

  it('have substitution maps of one digit a code point', () => {
    for (const { resident } of registry.cards) {
      expect(resident.nameSubstitution).toHaveLength([...resident.certificateName].length);
      expect(resident.addressSubstitution).toHaveLength([...resident.certificateAddress].length);
    }
  });

  it('for user authentication come from another CA, by another key, with another distribution point', () => {
    const authCa = new X509Certificate(registry.authorities.auth.certificate);
    expect(authCa.subject).toContain('OU=JPKI for user authentication');
    for (const { signCertificate, authCertificate } of registry.cards) {
      const auth = new X509Certificate(authCertificate.der);
      const sign = new X509Certificate(signCertificate.der);
      expect(auth.verify(authCa.publicKey)).toBe(true);
      expect(auth.subjectAltName).toBe(undefined);
      expect(auth.publicKey.equals(sign.publicKey)).toBe(false);
      expect(authCertificate.distributionPoint.equals(signCertificate.distributionPoint)).toBe(false);
    }
  });

  it('have serials that differ', () => {
    const serials = registry.cards.flatMap((c) => [c.signCertificate.serial, c.authCertificate.serial]);
    expect(new Set(serials).size).toBe(serials.length);
  });
});

describe.skipIf(!HAS_OPENSSL)('openssl agrees', () => {
  const verify = (id: string, crlOf = id) =>
    openssl(['verify', '-CAfile', 'ca.pem', ...AT, '-CRLfile', 'crl.pem', '-crl_check', 'leaf.pem'], {
      'ca.pem': caPem + toPem(registry.authorities.previousSign.certificate),
      'leaf.pem': toPem(card(id).signCertificate.der),
      'crl.pem': crlPem(crlOf),
    });

  it.each(['taro', 'previous'])('with the path and the CRL of a good card: %s', (id) => {
    expect(verify(id)).toMatchObject({ status: 0 });
  });

  it.each([
    ['revoked', 'certificate revoked'],
    ['on-hold', 'certificate revoked'],
    ['expired', 'certificate has expired'],
  ])('that %s is not good', (id, why) => {
    const ran = verify(id);
    expect(ran.status).not.toBe(0);
    expect(ran.output).toContain(why);
  });

  it('that a CRL of another municipality says nothing', () => {
    expect(verify('taro', 'hanako').output).toContain('different CRL scope');
  });

  const ask = (id: string) => {
    const files = { 'ca.pem': caPem, 'leaf.pem': toPem(card(id).signCertificate.der) };
    const request = opensslOctets(
      ['ocsp', '-issuer', 'ca.pem', '-cert', 'leaf.pem', '-reqout', 'out'],
      files,
    );
    return { files, request };
  };
  const judge = (id: string, options: Parameters<typeof answerOcsp>[3] = {}) => {
    const { files, request } = ask(id);
    return openssl(
      [
        'ocsp',
        '-resp_text',
        '-CAfile',
        'ca.pem',
        ...AT,
        '-reqin',
        'request.der',
        '-respin',
        'response.der',
        '-validity_period',
        '999999999',
      ],
      { ...files, 'request.der': request, 'response.der': answerOcsp(registry, request, BASE_TIME, options) },
    );
  };

  it.each([
    ['taro', 'Cert Status: good'],
    ['revoked', 'Cert Status: revoked'],
    ['on-hold', 'certificateHold'],
  ])('with the OCSP answer about %s', (id, word) => {
    const ran = judge(id);
    expect(ran.output).toContain('Response verify OK');
    expect(ran.output).toContain(word);
    expect(ran.output).not.toContain('WARNING');
  });

  it('that a forged OCSP answer and a wrong nonce are noticed', () => {
    const key = card('taro').signKey.privateKey;
    expect(judge('taro', { key }).output).not.toContain('Response verify OK');
    expect(judge('taro', { nonce: 'wrong' }).output).toMatch(/nonce/i);
    expect(judge('taro', { answer: 'unknown' }).output).toContain('Cert Status: unknown');
  });
});
