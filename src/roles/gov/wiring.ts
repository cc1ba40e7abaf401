import { createGovernmentAuthAndSign } from '../../adapters/auth-and-sign/government-client.ts';
import { openForms } from '../../adapters/files/form-files.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import {
  openRelyingParty,
  type RelyingPartyOverrides,
} from '../../adapters/relying-party/open-relying-party.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import type { GovConfig } from '../../config/gov.ts';
import { defined } from '../../core/defined.ts';
import { documentNameOf } from '../../core/forms/attached-files.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExpectRightSignatures } from '../../rp/relying-party.ts';
import { expectRightSignatures } from '../../verifier/forms/co-signers.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { type RelyingPartyWiring, relyingPartyPorts } from '../relying-party/wiring.ts';
import {
  openUploadJudge,
  readCertificates,
  readPolicy,
  type UploadJudge,
} from '../signature-verifier/wiring.ts';

/**
 * The adapters and ports that the API and the worker of an agency share; its results are in clear.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `key.*`
 */
export async function wireGov(
  config: GovConfig,
  name: string,
  overrides: RelyingPartyOverrides = {},
): Promise<RelyingPartyWiring> {
  const forms = await openForms(config.formsDir);
  const adapters = await openRelyingParty(config, { role: 'gov', name }, overrides);
  const authAndSign = createGovernmentAuthAndSign(adapters.serviceOptions);
  const parts = { authAndSign, names: 'compared', forms, expectRightSignatures: coSigners } as const;
  return { adapters, rp: relyingPartyPorts(config, adapters, parts) };
}

/** What judges a stranger's document by the agency's anchors and CRLs. @throws JitsuinError as `readTrustAnchors` */
export async function openAgencyJudge(config: GovConfig, clock: Clock): Promise<UploadJudge> {
  const trustAnchors = await readTrustAnchors(config);
  const revocation = openRevocationSource({ ...config, clock, createHttpClient, proxy: config });
  const policy = await readPolicy(config);
  const upload = openUploadJudge(defined({ policy, trustAnchors, crl: revocation.source.crl, clock }));
  const close = async () => {
    revocation.close();
    await upload.close();
  };
  return Object.assign({}, upload, { close });
}

/** The agency's trust anchors. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export function readTrustAnchors({ trustFile }: GovConfig): Promise<readonly Certificate[]> {
  return readCertificates(trustFile, 'JITSUIN_TRUST_FILE');
}

/** A second application may start from the assembled document of the first. */
function coSigners(...[form, { document, files }]: Parameters<ExpectRightSignatures>): void {
  expectRightSignatures(form, defined({ document, documentName: documentNameOf(form, files), files }));
}
