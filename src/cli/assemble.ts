import { parseArgs } from 'node:util';
import type { EpochMillis, SignatureValue } from '../core/brand.ts';
import { fromUtf8 } from '../core/encoding.ts';
import { decisiveCheck } from '../core/report.ts';
import { resumePrepared } from '../core/xmldsig/prepare.ts';
import { completeSignature } from '../verifier/xmldsig/complete.ts';
import { readCertificate, readValue } from './certificate-arguments.ts';
import { type Command, UsageError } from './command.ts';
import { readOctets, writeOctets } from './document-arguments.ts';

const usage = `Usage: jitsuin assemble --state FILE --signature-value BASE64|FILE --certificate FILE [--out OUT] [--json]

Finishes a document of "jitsuin prepare": checks the value with the certificate's key, puts both into the document without changing
any other octet, and verifies the result again. It does not judge the certificate; "jitsuin verify" does.

  --state FILE             what "jitsuin prepare --state" wrote
  --signature-value VALUE  base64, or a file that holds base64 or the raw octets
  --certificate FILE       the signer's certificate, PEM or DER
  --out OUT                write the signed document to a file (default: standard output)
  --json                   print the report as JSON (then --out is needed for the document)
`;

/** `jitsuin assemble`: state, value and certificate in, signed document out. */
export const command: Command = {
  name: 'assemble',
  usage,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        state: { type: 'string' },
        'signature-value': { type: 'string' },
        certificate: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const prepared = resumePrepared(fromUtf8(await readOctets(needed(values.state, '--state'))).trim());
    const signatureValue = await readValue(needed(values['signature-value'], '--signature-value'));
    const certificate = await readCertificate(needed(values.certificate, '--certificate'));
    const completion = completeSignature(prepared, {
      signatureValue: signatureValue as SignatureValue,
      certificate,
      validationTime: Date.now() as EpochMillis,
    });
    const { report } = completion.validation;
    if (values.json === true) io.stdout(`${JSON.stringify(report, null, 2)}\n`);
    if (completion.outcome === 'refused') {
      const reason = decisiveCheck(report);
      io.stderr(
        `jitsuin assemble: ${reason?.code ?? 'refused'}: ${reason?.detail ?? 'The value was refused.'}\n`,
      );
      return 1;
    }
    if (values.out !== undefined) await writeOctets(values.out, completion.document, io);
    else if (values.json !== true) await writeOctets('-', completion.document, io);
    return 0;
  },
};

function needed(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`${option} is missing.`);
  return value;
}
