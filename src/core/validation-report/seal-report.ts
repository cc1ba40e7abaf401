import { C14N_1_0, EXC_C14N } from '../c14n/algorithms.ts';
import { canonicalOctets } from '../c14n/canonicalize.ts';
import { sha256 } from '../digest/sha256.ts';
import { fromBase64Url, toBase64, toUtf8 } from '../encoding.ts';
import { parseXml } from '../xml/parse.ts';
import { type Element, element, elements } from './report-elements.ts';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const DSIG11 = 'http://www.w3.org/2009/xmldsig11#';

/** Who seals reports: the public key on P-256 and how it signs. */
interface ReportSealer {
  readonly jwk: Readonly<Record<string, string>>;
  /** ECDSA over SHA-256 of the octets, r and s as one value of 64 octets (RFC 4051 section 2.3.6 as JWA has it). */
  signOctets(octets: Uint8Array): Promise<Uint8Array>;
}

/** The public key of the operator as `SignatureValidator` names it. */
export function validatorOf(jwk: ReportSealer['jwk']): Element {
  return element('DigitalId', {}, keyValue(jwk));
}

/**
 * The report with an enveloped signature of the operator as its last child (TS 119 102-2 section 4.2): ordinary XML
 * Signature with
 * ecdsa-sha256, which any stock tool verifies with the operator's published key.
 */
export async function sealedReport(report: string, sealer: ReportSealer): Promise<string> {
  const document = parseXml(toUtf8(report));
  const octets = canonicalOctets(document, { kind: 'document' }, { algorithm: C14N_1_0 });
  const signedInfo = signedInfoOf(toBase64(sha256(octets)));
  const value = await sealer.signOctets(toUtf8(elements(signedInfo)));
  const { kid = '' } = sealer.jwk;
  const signature = element(
    'ds:Signature',
    { 'xmlns:ds': DS },
    signedInfo,
    element('ds:SignatureValue', {}, toBase64(value)),
    element('ds:KeyInfo', {}, element('ds:KeyName', {}, kid), keyValue(sealer.jwk)),
  );
  const end = report.lastIndexOf('</ValidationReport>');
  return `${report.slice(0, end)}${elements(signature)}${report.slice(end)}`;
}

/** In the form that exclusive canonicalization gives: its octets are what is signed. */
function signedInfoOf(digestValue: string): Element {
  return element(
    'ds:SignedInfo',
    { 'xmlns:ds': DS },
    element('ds:CanonicalizationMethod', { Algorithm: EXC_C14N }),
    element('ds:SignatureMethod', { Algorithm: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' }),
    element(
      'ds:Reference',
      { URI: '' },
      element(
        'ds:Transforms',
        {},
        element('ds:Transform', { Algorithm: `${DS}enveloped-signature` }),
        element('ds:Transform', { Algorithm: C14N_1_0 }),
      ),
      element('ds:DigestMethod', { Algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256' }),
      element('ds:DigestValue', {}, digestValue),
    ),
  );
}

/** An uncompressed point (RFC 5480 section 2.2) under its curve's name. */
function keyValue({ x = '', y = '' }: ReportSealer['jwk']): Element {
  const point = Uint8Array.of(4, ...fromBase64Url(x), ...fromBase64Url(y));
  return element(
    'ds:KeyValue',
    {},
    element(
      'dsig11:ECKeyValue',
      { 'xmlns:dsig11': DSIG11 },
      element('dsig11:NamedCurve', { URI: 'urn:oid:1.2.840.10045.3.1.7' }),
      element('dsig11:PublicKey', {}, toBase64(point)),
    ),
  );
}
