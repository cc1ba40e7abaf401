import { readFileSync } from 'node:fs';
import type { EpochMillis, SignatureValue, SigningMode } from '../../src/core/brand.ts';
import { fromBase64 } from '../../src/core/encoding.ts';
import { CARD_ALGORITHMS, type CardAlgorithm } from '../../src/core/xmldsig/algorithms.ts';
import { prepareSignature } from '../../src/core/xmldsig/prepare.ts';
import { prepareDetached } from '../../src/core/xmldsig/prepare-detached.ts';
import type {
  PreparedSignature,
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../src/core/xmldsig/prepared-signature.ts';
import { cardInput, serviceMode } from '../../src/simulator/auth-and-sign/signing-input.ts';
import { makeCard } from '../../src/simulator/card/card.ts';
import { toPem } from '../../src/simulator/jpki/certificate.ts';
import { makeCrl } from '../../src/simulator/jpki/crl.ts';
import { answerOcsp, type OcspOptions } from '../../src/simulator/jpki/ocsp.ts';
import { type IssuedCard, type JpkiRegistry, makeRegistry } from '../../src/simulator/jpki/registry.ts';
import type { RevocationData, RevocationNeed } from '../../src/verifier/validation-types.ts';
import { certificatesFromPem } from '../../src/verifier/x509/pem.ts';

/** 2026-11-22T04:00:00Z: every simulated certificate of these tests is made for this year. */
export const NOW = Date.UTC(2026, 10, 22, 4) as EpochMillis;

/** A pretended JPKI of its own; tests may revoke in it. */
export function newRegistry(): JpkiRegistry {
  return makeRegistry('pf-tests', NOW);
}

export function anchorsPem(registry: JpkiRegistry): string {
  return toPem(registry.authorities.sign.certificate) + toPem(registry.authorities.previousSign.certificate);
}

export function anchorsOf(registry: JpkiRegistry) {
  return certificatesFromPem(anchorsPem(registry));
}

export function cardOf(registry: JpkiRegistry, person: string): IssuedCard {
  const card = registry.cards.find(({ resident }) => resident.id === person);
  if (card === undefined) throw new Error(`no simulated person ${person}`);
  return card;
}

const sample = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../samples/applications/${name}`, import.meta.url)));
/** An application for each profile. */
export const APPLICATIONS: Readonly<Record<XmlSignatureProfileName, Uint8Array>> = {
  enveloped: sample('rare-kanji-notification.xml'),
  'by-id': sample('rare-kanji-notification.xml'),
  guideline: sample('xx-city-zz-application.xml'),
};
export const FILE = new TextEncoder().encode('利用規約に同意します。');

export interface Signed {
  readonly prepared: PreparedSignature;
  readonly certificate: Uint8Array;
  readonly signatureValue: SignatureValue;
}

/** An application prepared and signed by a simulated person's card. */
export function signXml(
  registry: JpkiRegistry,
  person: string,
  profile: XmlSignatureProfileName,
  document = APPLICATIONS[profile],
  signedElement?: SignedElementSelector,
  algorithm: CardAlgorithm = 'rsa-sha256',
): Signed {
  const prepared = prepareSignature(document, {
    profile,
    algorithm,
    ...(signedElement === undefined ? {} : { signedElement }),
  });
  return { prepared, ...signData(registry, person, prepared.data) };
}

export function signFile(
  registry: JpkiRegistry,
  person: string,
  octets: Uint8Array,
  mode: SigningMode,
  algorithm: CardAlgorithm = 'rsa-sha256',
) {
  const { data } = prepareDetached(octets, mode, CARD_ALGORITHMS[algorithm].hash);
  return { data, octets, ...signData(registry, person, data) };
}

/** What the service lets the card do with `data`: hash it again, or not. */
export function signData(registry: JpkiRegistry, person: string, data: string) {
  const octets = fromBase64(data);
  const answer = makeCard(cardOf(registry, person)).sign(cardInput(octets, serviceMode(octets)));
  if (answer.kind !== 'signed') throw new Error(`the card of ${person} refused`);
  return {
    certificate: new Uint8Array(answer.certificate),
    signatureValue: new Uint8Array(answer.signatureValue) as SignatureValue,
  };
}

/** Answers the needs of a validation from the pretended J-LIS. */
export function revocationAnswers(
  registry: JpkiRegistry,
  needs: readonly RevocationNeed[],
  options: OcspOptions & { readonly at?: number } = {},
): readonly RevocationData[] {
  const { at = NOW, ...ocspOptions } = options;
  return needs.map(({ ocspRequest, distributionPoints }) => ({
    ocsp:
      ocspRequest === undefined ? [] : [new Uint8Array(answerOcsp(registry, ocspRequest, at, ocspOptions))],
    crls: distributionPoints
      .map((name) =>
        makeCrl(registry, name, at, ocspOptions.shift === undefined ? {} : { shift: ocspOptions.shift }),
      )
      .filter((crl) => crl !== undefined)
      .map((crl) => new Uint8Array(crl)),
  }));
}
