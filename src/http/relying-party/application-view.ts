import type { ApplicationView } from '../../contracts/public-api.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { applicationMessage } from '../../core/sign-transaction/citizen-messages.ts';

/** An application as its tenant sees it: never a token, a certificate or a subject. */
export function applicationView(
  application: Application,
  publicUrl: string,
  signLink: string | undefined = application.secrets?.signLink,
): ApplicationView {
  const { id, state, profile, mode, externalId, data } = application;
  return defined({
    id,
    state,
    profile,
    mode,
    name: application.displayName,
    identification_code: application.identificationCode,
    external_id: externalId,
    ...signUrl(application.id, publicUrl, signLink),
    data,
    ...verdictView(application),
    ...failureView(application),
    created_at: instant(application.createdAt),
    updated_at: instant(application.updatedAt),
    expires_at: instant(application.deadline),
  });
}

/** There until a browser has taken the application with it. */
function signUrl(
  id: string,
  publicUrl: string,
  signLink: string | undefined,
): Pick<ApplicationView, 'sign_url'> {
  return signLink === undefined
    ? {}
    : { sign_url: `${publicUrl}/applications/${id}/sign?hand_over=${signLink}` };
}

function verdictView({ verdict }: Application): Pick<ApplicationView, 'verdict'> {
  if (verdict === undefined) return {};
  const { indication, subIndication, signedOctetsSha256, decidedAt, reference } = verdict;
  return {
    verdict: defined({
      indication,
      sub_indication: subIndication,
      signed_octets_sha256: signedOctetsSha256,
      decided_at: instant(decidedAt),
      reference,
    }),
  };
}

function failureView(application: Application): Pick<ApplicationView, 'failure'> {
  const { failure } = application;
  const message = applicationMessage(application);
  if (failure === undefined || message === undefined) return {};
  const { code, row } = failure;
  return {
    failure: defined({
      code,
      message_ja: message.ja,
      row,
    }),
  };
}

function instant(millis: EpochMillis): string {
  return new Date(millis).toISOString();
}
