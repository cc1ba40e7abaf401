import type { EpochMillis, SignatureValue } from '../core/brand.ts';
import { fromUtf8 } from '../core/encoding.ts';
import { isPreparedForm } from '../core/forms/prepared-form-state.ts';
import { decisiveCheck } from '../core/report.ts';
import { resumePrepared } from '../core/xmldsig/prepare.ts';
import { explainPreparedValue } from '../verifier/explain/other-values.ts';
import { completeSignature } from '../verifier/xmldsig/complete.ts';
import { readCertificate, readValue } from './certificate-arguments.ts';
import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { readOctets, writeOctets } from './document-arguments.ts';
import { assembleInForm } from './prepare-form.ts';
import { valueExplained } from './verify/output.ts';

/** `jitsuin assemble`: state, value and certificate in, signed document out. */
export const command: Command = declareCommand({
  name: 'assemble',
  about: `Finishes a document of "jitsuin prepare": checks the value with the certificate's key, puts both into the
document without changing any other octet, and verifies the result again. It does not judge the certificate; "jitsuin
verify" does.`,
  options: {
    state: { type: 'string', value: 'FILE', needed: true, means: 'what "jitsuin prepare --state" wrote' },
    'signature-value': {
      type: 'string',
      value: 'VALUE',
      needed: true,
      means: 'base64, or a file that holds base64 or the raw octets',
    },
    certificate: {
      type: 'string',
      value: 'FILE',
      needed: true,
      means: "the signer's certificate, PEM or DER",
    },
    out: {
      type: 'string',
      value: 'OUT',
      means: 'write the signed document to a file (default: standard output)',
    },
    explain: {
      type: 'boolean',
      means: 'when the value is not that of SignedInfo: name the step that was done otherwise',
    },
    json: { type: 'boolean', means: 'print the report as JSON (then --out is needed for the document)' },
  },
  async run(values, _operands, io) {
    const state = fromUtf8(await readOctets(values.state)).trim();
    const signatureValue = await readValue(values['signature-value']);
    const certificate = await readCertificate(values.certificate);
    if (isPreparedForm(state)) {
      const made = { value: signatureValue as SignatureValue, certificate };
      return assembleInForm(state, made, values, io);
    }
    const prepared = resumePrepared(state);
    const completion = completeSignature(prepared, {
      signatureValue: signatureValue as SignatureValue,
      certificate,
      validationTime: Date.now() as EpochMillis,
    });
    const { report } = completion.validation;
    if (values.json) io.stdout(`${JSON.stringify(report, null, 2)}\n`);
    if (completion.outcome === 'refused') {
      const reason = decisiveCheck(report);
      io.stderr(
        `jitsuin assemble: ${reason?.code ?? 'refused'}: ${reason?.detail ?? 'The value was refused.'}\n`,
      );
      if (values.explain) {
        const publicKey = certificate.publicKey();
        const value = explainPreparedValue(prepared, { value: signatureValue as SignatureValue, publicKey });
        if (value !== undefined) io.stderr(valueExplained(value).text);
      }
      return 1;
    }
    if (values.out !== undefined) await writeOctets(values.out, completion.document, io);
    else if (!values.json) await writeOctets('-', completion.document, io);
    return 0;
  },
});
