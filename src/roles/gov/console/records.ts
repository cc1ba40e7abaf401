import type { ApplicationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { AlgorithmEnds } from '../../../core/digest/algorithm-ends.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { FormCatalogue } from '../../../core/forms/catalogue.ts';
import type { Application } from '../../../core/sign-transaction/application.ts';
import { canBeJudgedAgain } from '../../../core/sign-transaction/way-on.ts';
import { etsiReport } from '../../../core/validation-report/etsi-report.ts';
import { judgeAgain } from '../../../rp/judge-again.ts';
import type { StepPorts } from '../../../rp/step.ts';
import { type EvidencePorts, exportEvidence } from '../../../verification/evidence/export-evidence.ts';
import { evidenceFacts, personalFacts } from '../../../verifier/evidence/evidence-facts.ts';
import { recordedDecision } from '../../../verifier/evidence/verify-evidence.ts';
import type { ExportTrust } from '../../../verifier/evidence/verify-exported.ts';
import type { PolicyFile } from '../../../verifier/policy/policy-file.ts';
import { plainReportFacts } from '../../../verifier/report/report-facts.ts';
import type { Certificate } from '../../../verifier/x509/certificate-types.ts';
import type { ConsoleRecords, ShownRecordDetail } from '../../../web/console/console-ports.ts';
import { PERSONAL_FIELDS } from '../../../web/console/personal-fields.ts';
import {
  applicationRecords,
  FILTERS,
  HELD_FILTER,
  type ShownApplications,
  shownDetail,
} from '../../relying-party/console/records.ts';
import { checkExported } from '../../signature-verifier/check-exported.ts';

export interface GovRecords extends EvidencePorts, ShownApplications, Pick<StepPorts, 'log' | 'settings'> {
  readonly trustAnchors: readonly Certificate[];
  /** Roots of the TSA of the configuration; absent: none is configured, and no time is judged. */
  readonly tsaTrustAnchors?: readonly Certificate[];
  readonly policy: PolicyFile;
  readonly forms: FormCatalogue;
  /** When algorithms end by the configuration; absent: as built in. */
  readonly algorithmEnds?: AlgorithmEnds;
}

/** The applications of an agency for its console, with the evidence that it keeps of them. */
export function govRecords(records: GovRecords): Required<Omit<ConsoleRecords, 'checkStatus'>> {
  const get = (id: string) => records.applications.get(id as ApplicationId);
  return {
    ...applicationRecords(records),
    filters: [...FILTERS, HELD_FILTER],
    find: async (id) => {
      const application = await get(id);
      return application === undefined ? undefined : detailOf(records, application);
    },
    personal: async (id) => {
      const application = await get(id);
      const octets = application === undefined ? undefined : await evidenceOf(records, application);
      return octets === undefined ? {} : personalFacts(octets);
    },
    report: async (id) => {
      const application = await get(id);
      const octets = application === undefined ? undefined : await evidenceOf(records, application);
      if (octets === undefined) return undefined;
      const facts = plainReportFacts(id, octets);
      return { facts, xml: { text: etsiReport([facts]) } };
    },
    judgeAgain: async (id, by) => {
      await judgeAgain(records, id as ApplicationId, by);
    },
    checkEvidence: (octets) => checkExported(octets, trustOf(records), records.clock.now()),
    exportEvidence: async (id, tenant, facts) => {
      const reference = (await get(id))?.verdict?.reference;
      if (reference === undefined)
        throw new JitsuinError(
          'http.not-found',
          'No evidence is kept of this application: it ended without a verdict.',
        );
      return exportEvidence(records, reference, { tenant, facts });
    },
  };
}

function trustOf({ trustAnchors, tsaTrustAnchors, policy, algorithmEnds, forms }: GovRecords): ExportTrust {
  return defined({ trustAnchors, tsaTrustAnchors, policies: [policy], algorithmEnds, forms });
}

async function evidenceOf(
  { evidence }: GovRecords,
  { verdict, tenant }: Application,
): Promise<Uint8Array | undefined> {
  return verdict === undefined ? undefined : evidence.get(verdict.reference, tenant);
}

async function detailOf(records: GovRecords, application: Application): Promise<ShownRecordDetail> {
  const octets = await evidenceOf(records, application);
  const shown = { ...shownDetail(application), judgeable: canBeJudgedAgain(application) };
  if (octets === undefined) return shown;
  return Object.assign(shown, {
    report: recordedDecision(octets).report,
    evidence: evidenceFacts(octets),
    personal: PERSONAL_FIELDS,
  });
}
