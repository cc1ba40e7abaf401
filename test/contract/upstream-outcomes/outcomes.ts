/** Where in the flow the service is asked. */
export type Step =
  | 'authorize' // [11] the redirect back
  | 'code' // [13] the code for tokens
  | 'client-token' // [04] client credentials, before a start
  | 'refresh' // after a 401 at the result
  | 'login' // UserInfo in the sequence 認証
  | 'start' // [06]
  | 'result' // [16]
  | 'submit' // the hand-off to the platform operator
  | 'await'; // the question for its verdict

/**
 * What a failure leads to:
 * `retry`: the application waits as it was and the queue (or the citizen) asks again, each wait twice the last;
 * `restart`: it ends as `restart-needed`, the citizen begins anew;
 * `citizen`: it ends as `refused`, with the sentence of its row;
 * `operator`: it ends as `failed`, with an error line for the alarm;
 * `login-ends`: there is no session, the citizen may log in again.
 * `+operator`: with an error line for the alarm.
 */
export type Consequence =
  | 'retry'
  | 'retry+operator'
  | 'restart'
  | 'restart+operator'
  | 'citizen'
  | 'operator'
  | 'login-ends'
  | 'login-ends+operator';

/**
 * `requests`: what the service saw from the failing step on, in the order token, userinfo, start, result; at `submit` and
 * `await`: how many the platform operator saw.
 */
export type Outcome = readonly [input: string, step: Step, consequence: Consequence, requests: string];

/** Every row of the guideline's five tables, and of the token table at each grant that it can answer. */
export const GUIDELINE: readonly Outcome[] = [
  ['authorization-1', 'authorize', 'operator', ''],
  ['authorization-2', 'authorize', 'operator', ''],
  ['authorization-3', 'authorize', 'operator', ''],
  ['authorization-4', 'authorize', 'operator', ''],
  ['authorization-5', 'authorize', 'operator', ''],
  ['authorization-6', 'authorize', 'operator', ''],
  ['authorization-7', 'authorize', 'citizen', ''],
  ['authorization-8', 'authorize', 'citizen', ''],

  // a code works once: what would be asked again elsewhere begins anew here (G5)
  ['token-1', 'code', 'operator', 'token 1'],
  ['token-2', 'code', 'operator', 'token 1'],
  ['token-3', 'code', 'operator', 'token 1'],
  ['token-4', 'code', 'restart', 'token 1'],
  ['token-5', 'code', 'operator', 'token 1'],
  ['token-6', 'code', 'restart', 'token 1'],
  ['token-7', 'code', 'restart', 'token 1'],
  ['token-8', 'code', 'restart', 'token 1'],
  ['token-9', 'code', 'operator', 'token 1'],
  ['token-10', 'code', 'operator', 'token 1'],
  ['token-11', 'code', 'operator', 'token 1'],
  ['token-12', 'code', 'operator', 'token 1'],
  ['token-13', 'code', 'operator', 'token 1'],
  ['token-14', 'code', 'operator', 'token 1'],
  ['token-15', 'code', 'operator', 'token 1'],
  ['token-16', 'code', 'restart', 'token 1'],
  ['token-17', 'code', 'restart', 'token 1'],
  ['token-1', 'client-token', 'operator', 'token 1'],
  ['token-2', 'client-token', 'operator', 'token 1'],
  ['token-3', 'client-token', 'operator', 'token 1'],
  ['token-11', 'client-token', 'operator', 'token 1'],
  ['token-13', 'client-token', 'operator', 'token 1'],
  ['token-16', 'client-token', 'retry', 'token 1'],
  ['token-17', 'client-token', 'retry', 'token 1'],
  ['token-6', 'refresh', 'restart', 'token 1, result 1'],
  ['token-8', 'refresh', 'restart', 'token 1, result 1'],
  ['token-10', 'refresh', 'operator', 'token 1, result 1'],
  ['token-15', 'refresh', 'operator', 'token 1, result 1'],
  ['token-16', 'refresh', 'restart', 'token 1, result 1'],
  ['token-17', 'refresh', 'restart', 'token 1, result 1'],

  // what the service cannot do now is asked for once more, with new tokens where the old ones were refused
  ['userinfo-1', 'login', 'login-ends+operator', 'token 1, userinfo 1'],
  ['userinfo-2', 'login', 'login-ends+operator', 'token 1, userinfo 1'],
  ['userinfo-3', 'login', 'login-ends', 'token 2, userinfo 2'],
  ['userinfo-4', 'login', 'login-ends+operator', 'token 1, userinfo 2'],
  ['userinfo-5', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['userinfo-6', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['userinfo-7', 'login', 'login-ends+operator', 'token 1, userinfo 2'],
  ['userinfo-8', 'login', 'login-ends', 'token 1, userinfo 2'],

  ['start-1', 'start', 'operator', 'token 1, start 1'],
  ['start-2', 'start', 'operator', 'token 1, start 1'],
  ['start-3', 'start', 'operator', 'token 1, start 1'],
  ['start-4', 'start', 'operator', 'token 1, start 1'],
  ['start-5', 'start', 'operator', 'token 1, start 1'],
  ['start-6', 'start', 'operator', 'token 1, start 1'],
  ['start-7', 'start', 'operator', 'token 1, start 1'],
  ['start-8', 'start', 'operator', 'token 1, start 1'],
  ['start-9', 'start', 'operator', 'token 1, start 1'],
  ['start-10', 'start', 'operator', 'token 1, start 1'],
  ['start-11', 'start', 'retry', 'token 2, start 2'],
  ['start-12', 'start', 'retry', 'token 1, start 1'],
  ['start-13', 'start', 'retry', 'token 1, start 1'],

  ['result-1', 'result', 'restart', 'result 1'],
  ['result-2', 'result', 'restart', 'result 1'],
  ['result-3', 'result', 'citizen', 'result 1'],
  ['result-4', 'result', 'citizen', 'result 1'],
  ['result-5', 'result', 'citizen', 'result 1'],
  ['result-6', 'result', 'citizen', 'result 1'],
  ['result-7', 'result', 'citizen', 'result 1'],
  ['result-8', 'result', 'citizen', 'result 1'],
  ['result-9', 'result', 'operator', 'result 1'],
  ['result-10', 'result', 'operator', 'result 1'],
  ['result-11', 'result', 'operator', 'result 1'],
  ['result-12', 'result', 'restart', 'token 1, result 2'],
  ['result-13', 'result', 'retry', 'result 1'],
  ['result-14', 'result', 'retry+operator', 'result 1'],
  ['result-15', 'result', 'retry', 'result 1'],
];

/** Answers that are in no table. */
export const BROKEN_ANSWERS: readonly Outcome[] = [
  ['502 with an HTML page', 'client-token', 'retry', 'token 1'],
  ['502 with an HTML page', 'start', 'retry', 'token 1, start 1'],
  ['502 with an HTML page', 'code', 'restart', 'token 1'],
  ['502 with an HTML page', 'result', 'retry', 'result 1'],
  ['502 with an HTML page', 'refresh', 'restart', 'token 1, result 1'],
  ['502 with an HTML page', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['503 without a body', 'client-token', 'retry', 'token 1'],
  ['503 without a body', 'start', 'retry', 'token 1, start 1'],
  ['503 without a body', 'code', 'restart', 'token 1'],
  ['503 without a body', 'result', 'retry', 'result 1'],
  ['503 without a body', 'refresh', 'restart', 'token 1, result 1'],
  ['503 without a body', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['403 with an HTML page', 'client-token', 'operator', 'token 1'],
  ['403 with an HTML page', 'start', 'operator', 'token 1, start 1'],
  ['403 with an HTML page', 'code', 'operator', 'token 1'],
  ['403 with an HTML page', 'result', 'operator', 'result 1'],
  ['403 with an HTML page', 'refresh', 'operator', 'token 1, result 1'],
  ['403 with an HTML page', 'login', 'login-ends+operator', 'token 1, userinfo 1'],
  ['400 with an error of a wrong type', 'start', 'operator', 'token 1, start 1'],
  ['400 with an error of a wrong type', 'code', 'operator', 'token 1'],
  ['400 with an error of a wrong type', 'result', 'operator', 'result 1'],
  ['400 with an error of a wrong type', 'login', 'login-ends+operator', 'token 1, userinfo 1'],
  ['200 with an HTML page', 'client-token', 'retry', 'token 1'],
  ['200 with an HTML page', 'start', 'retry', 'token 1, start 1'],
  ['200 with an HTML page', 'code', 'restart', 'token 1'],
  ['200 with an HTML page', 'result', 'retry', 'result 1'],
  ['200 with an HTML page', 'refresh', 'restart', 'token 1, result 1'],
  ['200 with an HTML page', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['200 without a body', 'start', 'retry', 'token 1, start 1'],
  ['200 without a body', 'code', 'restart', 'token 1'],
  ['200 without a body', 'result', 'retry', 'result 1'],
  ['200 without a body', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['200 with members of a wrong type', 'client-token', 'retry', 'token 1'],
  ['200 with members of a wrong type', 'start', 'retry', 'token 1, start 1'],
  ['200 with members of a wrong type', 'code', 'restart', 'token 1'],
  ['200 with members of a wrong type', 'result', 'retry', 'result 1'],
  // a sub that is not the one of the ID token is somebody else's
  ['200 with members of a wrong type', 'login', 'login-ends+operator', 'token 1, userinfo 1'],
];

/** Faults of the network. Where no request was seen, the connection never stood. */
export const NETWORK: readonly Outcome[] = [
  ['no answer after it was processed', 'client-token', 'retry', 'token 1'],
  ['no answer after it was processed', 'start', 'retry', 'token 1, start 1'],
  ['no answer after it was processed', 'code', 'restart', 'token 1'],
  ['no answer after it was processed', 'result', 'retry', 'result 1'],
  ['no answer after it was processed', 'refresh', 'restart', 'token 1, result 1'],
  ['no answer after it was processed', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['RST in the middle of the answer', 'client-token', 'retry', 'token 1'],
  ['RST in the middle of the answer', 'start', 'retry', 'token 1, start 1'],
  ['RST in the middle of the answer', 'code', 'restart', 'token 1'],
  ['RST in the middle of the answer', 'result', 'retry', 'result 1'],
  ['RST in the middle of the answer', 'refresh', 'restart', 'token 1, result 1'],
  ['RST in the middle of the answer', 'login', 'login-ends', 'token 1, userinfo 2'],
  ['half-open: the peer is silent', 'start', 'retry', 'token 1'],
  ['half-open: the peer is silent', 'code', 'restart', ''],
  ['half-open: the peer is silent', 'result', 'retry', ''],
  ['nobody listens', 'start', 'retry', 'token 1'],
  ['nobody listens', 'code', 'restart', ''],
  ['nobody listens', 'result', 'retry', ''],
  ['the name does not resolve', 'start', 'retry', 'token 1'],
  ['the name does not resolve', 'code', 'restart', ''],
  ['the name does not resolve', 'result', 'retry', ''],
  ['the TLS handshake stalls', 'start', 'retry', 'token 1'],
  ['the TLS handshake stalls', 'code', 'restart', ''],
  ['the TLS handshake stalls', 'result', 'retry', ''],
  ['the certificate is of another host', 'start', 'retry+operator', 'token 1'],
  ['the certificate is of another host', 'code', 'restart+operator', ''],
  ['the certificate is of another host', 'result', 'retry+operator', ''],
  ['the certificate has expired', 'start', 'retry+operator', 'token 1'],
  ['the certificate has expired', 'code', 'restart+operator', ''],
  ['the certificate has expired', 'result', 'retry+operator', ''],
];

/** The platform operator away, at sp. The result is in hand: it waits as received, and no citizen signs again for it. */
export const PLATFORM_OPERATOR: readonly Outcome[] = [
  ['nobody listens', 'submit', 'retry', '0'],
  ['nobody listens', 'await', 'retry', '0'],
  ['half-open: the peer is silent', 'submit', 'retry', '0'],
  ['the TLS handshake stalls', 'submit', 'retry', '0'],
  ['the name does not resolve', 'submit', 'retry', '0'],
  ['the certificate is of another host', 'submit', 'retry+operator', '0'],
  ['the certificate has expired', 'submit', 'retry+operator', '0'],
  ['no answer after it was processed', 'submit', 'retry', '1'],
  ['no answer after it was processed', 'await', 'retry', '1'],
  ['RST in the middle of the answer', 'submit', 'retry', '1'],
  ['RST in the middle of the answer', 'await', 'retry', '1'],
  ['503 without a body', 'submit', 'retry', '1'],
  ['503 without a body', 'await', 'retry', '1'],
  ['502 with an HTML page', 'submit', 'retry', '1'],
  ['200 with an HTML page', 'submit', 'retry', '1'],
  ['200 with members of a wrong type', 'submit', 'retry', '1'],
  ['200 with members of a wrong type', 'await', 'retry', '1'],
  // our registration there is wrong: an operator heals it, the queue goes on by itself
  ['403 with an HTML page', 'submit', 'retry+operator', '1'],
  ['403 with an HTML page', 'await', 'retry+operator', '1'],
];
