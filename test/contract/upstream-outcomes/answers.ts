import type { Answer } from '../auth-and-sign/recorded-service.ts';

const PAGE = '<!doctype html><title>502</title>';
/** Answers by the input's name in `outcomes.ts`. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  '502 with an HTML page': { status: 502, raw: PAGE },
  '503 without a body': { status: 503 },
  '403 with an HTML page': { status: 403, raw: PAGE },
  '400 with an error of a wrong type': { status: 400, json: { error: { a: 1 }, item: 7 } },
  '200 with an HTML page': { raw: PAGE },
  '200 without a body': {},
  '200 with members of a wrong type': {
    json: { access_token: 7, sign_transaction_id: 7, sign_certificate_jwe: 7, sub: 7 },
  },
  'no answer after it was processed': { fault: 'hang' },
  'RST in the middle of the answer': { fault: 'half' },
};
