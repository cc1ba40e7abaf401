import type { Command } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { onlyOperand, readOctets } from '../document-arguments.ts';
import { judgeReceipt, proofIn, receiptIn } from './judge-receipt.ts';
import { pinnedLog } from './pinned-log.ts';

export const logVerify: Command = declareCommand({
  name: 'log verify',
  operands: 'RECEIPT',
  about: `Judges offline whether a receipt is in the public log of its operator: RECEIPT is a file with the receipt (the
compact JWS, or the JSON that the API answered), --proof the answer of GET /v1/verifications/ID/log-proof. The log's
head must be signed by the pinned key of the log and by enough of the pinned witnesses. Whether the receipt itself is
right is another question: its signature is checked with the operator's published keys.

Exit status 0: it is in the log. 1: it is proved not to be shown so.`,
  options: {
    proof: { type: 'string', value: 'FILE', needed: true, means: 'the proof' },
    log: { type: 'string', value: 'KEY', needed: true, means: 'public key of the log, NAME+ID+KEY' },
    witness: {
      type: 'string',
      value: 'KEY',
      multiple: true,
      means: 'public key of a witness that is trusted',
    },
    quorum: { type: 'string', value: 'N', means: 'how many of them must have signed; default: all' },
    json: { type: 'boolean', means: 'print JSON' },
  },
  async run({ proof: proofFile, log, witness: keys = [], quorum: given, json }, operands, io) {
    const pinned = pinnedLog(log, keys, given);
    const receipt = receiptIn(await readOctets(onlyOperand(operands, 'RECEIPT')));
    const proof = proofIn(await readOctets(proofFile));
    const { status, json: asJson, text } = judgeReceipt(receipt, proof, pinned);
    io.stdout(json ? asJson : text);
    return status;
  },
});
