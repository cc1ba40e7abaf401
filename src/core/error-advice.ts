import type { ErrorCode, ErrorKind } from './errors.ts';

/** Who can end a failure of this kind. */
export const WHO_ACTS: Readonly<Record<ErrorKind, string>> = {
  'bad-input': 'caller',
  'too-large': 'caller',
  'unsupported-media': 'caller',
  unauthenticated: 'caller',
  forbidden: 'caller',
  'not-found': 'caller',
  'wrong-method': 'caller',
  conflict: 'caller',
  unprocessable: 'caller',
  gone: 'caller',
  'rate-limited': 'nobody: wait',
  'invalid-signature': 'whoever made the signature or token',
  citizen: 'citizen',
  restart: 'citizen, by beginning again',
  operator: 'operator',
  temporary: 'nobody: wait',
  undecided: 'nobody: wait; the operator when it stays',
  internal: 'developer of jitsuin',
};

/** What is wrong, and what to do about it. */
export type Advice = readonly [wrong: string, action: string];

const SEND_AGAIN = 'Send the same request again later, under the same Idempotency-Key.';
const NOT_TRUSTED = 'Do not rely on the document; get a new signature.';
const ASK_AGAIN = 'It is asked again by itself; when it stays, look at the revocation source.';
const NEW_FLOW = 'Let the citizen begin the signature again.';
const CHECK_SERVICE =
  'Compare the issuer, the client id and the keys with the registration; run `jitsuin doctor`.';
const NOT_KEPT =
  'The token or time-stamp does not prove anything; keep the evidence without it and ask the authority.';

/** Every stable code in words; `samples/guides/errors.md` is made from it. */
export const ERROR_ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  'usage.arguments': ['The command line is not understood.', 'Read `--help` of the command.'],
  'config.invalid': [
    'A variable of the configuration is missing or wrong; its name is in `at`.',
    'Correct it by CONFIGURATION.md, then run `jitsuin doctor`.',
  ],
  'config.environment-mixed': [
    'Test and production are mixed: issuer, keys or hosts belong to different environments.',
    'Use one environment’s values throughout.',
  ],
  'config.key-mode': [
    'A key file can be read by others than its owner.',
    'chmod 600 the file; when it was readable on a shared machine, rotate the key.',
  ],
  'config.role-key': [
    'A key of a platform operator lies where an sp runs.',
    'Remove it there and rotate it: an sp may not hold it.',
  ],
  'xml.size': ['The document is larger than the limit.', 'Send a smaller one, or raise JITSUIN_BODY_LIMIT.'],
  'xml.encoding': ['The document is not UTF-8.', 'Encode it in UTF-8 and sign that.'],
  'xml.version': ['The document is not XML 1.0.', 'Use XML 1.0.'],
  'xml.dtd': [
    'The document has a document type declaration.',
    'Remove it; entities and DTDs are never read.',
  ],
  'xml.not-well-formed': [
    'The document is not well-formed; line and column are in `at`.',
    'Correct it there.',
  ],
  'xml.namespace': ['A namespace prefix is not declared, or declared wrongly.', 'Declare it.'],
  'xml.limit': ['Depth, attributes or names exceed a limit.', 'Make the document flatter or smaller.'],
  'judgement.too-costly': [
    'Judging the document took more time or memory than one document may take; nothing was decided.',
    'Judge it on a machine of your own: `jitsuin verify FILE`.',
  ],
  'c14n.algorithm': ['The canonicalization is not one of those supported.', 'Use one of the profiles.'],
  'c14n.relative-namespace': [
    'A namespace name is a relative URI, which Canonical XML refuses.',
    'Use an absolute one.',
  ],
  'c14n.disputed-construct': [
    'The document has a construct that canonicalizers disagree about.',
    'Rewrite the place named in `at`.',
  ],
  'c14n.target': ['The element to be canonicalized is not there.', 'Name an element of the document.'],
  'c14n.empty': ['Nothing would be signed.', 'Choose an element with content.'],
  'digest.length': ['A digest has not 32 octets.', 'Give a SHA-256 digest.'],
  'digest.data': [
    '`data` is not of the length of its mode (51 or 32 octets).',
    'Give `data` as it was sent to the service.',
  ],
  'base64.invalid': ['A value is not canonical base64.', 'Encode it without spaces and with its padding.'],
  'xmldsig.profile': [
    'The name is none of the signature profiles.',
    'Use enveloped, by-id, guideline or detached.',
  ],
  'xmldsig.mode': ['The mode does not go with the profile.', 'XML profiles need digest-info.'],
  'xmldsig.signed-element': [
    'The element to be signed is not there, or there twice.',
    'Name exactly one element.',
  ],
  'xmldsig.already-signed': ['The document has a signature already.', 'Send the document as it was before.'],
  'xmldsig.state': ['What was prepared cannot be read back.', 'Give the file that `jitsuin prepare` wrote.'],
  'xmldsig.unsigned': ['The document has no signature.', 'Give the signed document.'],
  'xmldsig.shape': [
    'The Signature is not one of XML Signature’s own schema, or two have one Id.',
    'Check that the profile is the agreed one; otherwise do not rely on it.',
  ],
  'xmldsig.policy': ['An algorithm or transform is not allowed.', NOT_TRUSTED],
  'xmldsig.digest': [
    'The document was changed after it was signed, or read by another agreement.',
    '`jitsuin verify --explain` says which reading would fit; otherwise do not rely on it.',
  ],
  'xmldsig.signature': ['The signature value does not fit certificate and SignedInfo.', NOT_TRUSTED],
  'xmldsig.other-form': [
    'The Signature can be read, but its form is not the one that was agreed.',
    'Name the form that was agreed (--profile); otherwise ask the sender for it. Nothing is ' +
      'proved against the signature.',
  ],
  'xmldsig.key-info': [
    'The Signature has no certificate in KeyInfo, so nobody knows who signed.',
    'Ask the sender for the document with the certificate in it.',
  ],
  'xmldsig.file': [
    'A Reference names a file that is not at hand.',
    'Give the file; until then nothing is known of it.',
  ],
  'xmldsig.weak-algorithm': [
    'The signature agrees, but by an algorithm that is no longer sound, and nothing proves that ' +
      'it is from a time when it was.',
    'Ask for a signature by a sound algorithm, or for a time-stamp from before the algorithm’s end.',
  ],
  'der.invalid': ['A certificate, CRL or answer is not valid DER.', 'Get the file anew from where it came.'],
  'der.limit': ['A DER structure exceeds a limit.', 'It is not one that the PKI issues.'],
  'certificate.syntax': ['The certificate breaks RFC 5280.', NOT_TRUSTED],
  'certificate.key-policy': ['The key of the certificate is too weak or of another kind.', NOT_TRUSTED],
  'certificate.path': [
    'No path leads from the certificate to a trust anchor.',
    'Check JITSUIN_TRUST_FILE; otherwise do not rely on it.',
  ],
  'certificate.limit': ['Building the path exceeds a limit.', NOT_TRUSTED],
  'certificate.expired': [
    'The certificate had expired at the instant judged for.',
    'The citizen renews it at the municipality and signs again.',
  ],
  'certificate.not-yet-valid': [
    'The certificate was not valid yet.',
    'Check the clock and the instant judged for.',
  ],
  'certificate.usage': ['The certificate may not be used for this.', NOT_TRUSTED],
  'certificate.policy': ['The certificate does not hold the required policy.', NOT_TRUSTED],
  'certificate.revoked': [
    'The certificate was revoked.',
    'The citizen gets a new certificate and signs again.',
  ],
  'certificate.suspended': [
    'The certificate is suspended, and its CA never takes a certificate back into use.',
    'The citizen gets a new certificate and signs again.',
  ],
  'certificate.on-hold': ['The certificate is on hold; its CA may take it back into use.', ASK_AGAIN],
  'certificate.ca-revoked': [
    'The certificate of a CA above the signer’s is revoked.',
    'Look at the CA’s announcements and replace the file of the CA; nothing is wrong with the citizen’s certificate.',
  ],
  'certificate.anchor-missing': [
    'The certificate’s issuer has the name of a trust anchor here, and none of the anchors made ' +
      'it: a generation of the CA is missing.',
    'Add the CA’s newest certificate to JITSUIN_TRUST_FILE; what is open is judged again then.',
  ],
  'certificate.not-ca': ['A certificate in the path is not one of a CA.', NOT_TRUSTED],
  'certificate.path-length': ['The path is longer than a CA allows.', NOT_TRUSTED],
  'certificate.name-constraints': ['A name is outside what a CA may certify.', NOT_TRUSTED],
  'certificate.critical-extension': ['A critical extension is not known.', NOT_TRUSTED],
  'certificate.profile': [
    'It is not a signing certificate of the JPKI.',
    'Check that the signing certificate was used, not the one for authentication.',
  ],
  'revocation.unavailable': ['No revocation data could be had.', ASK_AGAIN],
  'revocation.stale': ['The revocation data are past their nextUpdate.', ASK_AGAIN],
  'revocation.invalid': ['The revocation data cannot be read.', ASK_AGAIN],
  'revocation.scope': [
    'The CRL does not cover this certificate.',
    'Configure the distribution point of this certificate.',
  ],
  'revocation.unknown': [
    'The responder does not know the certificate.',
    'It is not one of this CA; do not rely on it.',
  ],
  'revocation.future': ['The revocation data are from the future.', 'Check the clocks.'],
  'revocation.issuer': ['The revocation data are another issuer’s.', ASK_AGAIN],
  'revocation.serial': ['The answer is for another certificate.', ASK_AGAIN],
  'revocation.signature': ['The revocation data are not signed rightly.', ASK_AGAIN],
  'revocation.nonce': ['The answer has not our nonce.', ASK_AGAIN],
  'revocation.responder': ['The responder may not answer for this CA.', ASK_AGAIN],
  'revocation.refused': ['The responder refused to answer.', ASK_AGAIN],
  'revocation.number': ['The CRL is older than one seen before.', ASK_AGAIN],
  'revocation.limit': [
    'The revocation data exceed a limit.',
    'Look at the source; nothing of this size is issued.',
  ],
  'revocation.issuer-ended': ['Who signed the revocation data was outside its own validity.', ASK_AGAIN],
  'revocation.ageing': [
    'The newest revocation data are close to their end and nothing newer came.',
    'Look at the source now, before verdicts stop.',
  ],
  'clock.off': [
    'Our clock and the revocation source’s differ too much to judge by.',
    'Repair the clock (NTP); no verdict is made until then.',
  ],
  'jwe.form': [
    'The encrypted result is not a compact JWE.',
    'Hand it over exactly as the service returned it.',
  ],
  'jwe.header': [
    'The JWE’s header is not the agreed one.',
    'Hand it over as it came; otherwise ask the service.',
  ],
  'jwe.key': [
    'No key here opens this result.',
    'Check the registered key of the service; the citizen signs again.',
  ],
  'jwe.decrypt': [
    'The result cannot be opened.',
    'Check that it is unchanged and for this platform operator.',
  ],
  'jwe.content': ['What was inside the result is not certificate and signature.', 'Ask the service.'],
  'binding.replay': [
    'This result was handed in before under another submission.',
    'Use the verification that it belongs to.',
  ],
  'binding.transaction': [
    'The result belongs to another transaction.',
    'Send data and result of one transaction.',
  ],
  'receipt.invalid': [
    'The receipt is not signed by the platform operator as it is known here.',
    'Compare its keys with JITSUIN_PF_RECEIPT_JWKS_FILE; after a rotation update the file.',
  ],
  'key.state': ['The key is not in a state for this.', 'Look with `jitsuin keys list` or `pf keys`.'],
  'key.not-found': [
    'A key that is named is not among those that are here.',
    'Look with `jitsuin keys list` or `pf keys`; restore it from its backup.',
  ],
  'key.seal-missing': [
    'What was asked needs the seal key, and none was given.',
    'Set JITSUIN_SEAL_KEY_FILE (or its KMS module) as the role has it, and run it again.',
  ],
  'key.unavailable': [
    'The key service does not answer now.',
    'It is tried again; when it stays, look at the key service.',
  ],
  'seal.integrity': [
    'A sealed value was altered, or sealed with a key that is not here.',
    'Restore the seal key file; when it is whole, treat the database as tampered with.',
  ],
  'evidence.invalid': ['The evidence record was altered, or is none.', 'Use the record as it was exported.'],
  'verification.running': [
    'Another request or worker has this verification now.',
    'Wait a moment and ask again.',
  ],
  'consent.time': ['The consent is dated later than now.', 'Look at `agreed_at` and at both clocks.'],
  'right.missing': [
    'The contract of the tenant, or the role of the staff member, does not have this right.',
    'Look at the contract, or ask an administrator.',
  ],
  'record.not-found': ['No record of this id is kept here.', 'Check the id; it may have been deleted.'],
  'verification.deleted': ['The verification was deleted.', 'Nothing: its id stays taken.'],
  'verification.content-taken': [
    'The certificate’s content was handed out before.',
    'Use what you took then; it is handed out once.',
  ],
  'timestamp.form': ['The time-stamp cannot be read.', NOT_KEPT],
  'timestamp.imprint': ['The time-stamp is over something else.', NOT_KEPT],
  'timestamp.nonce': ['The time-stamp has not our nonce.', NOT_KEPT],
  'timestamp.policy': ['The time-stamp was made under another policy.', NOT_KEPT],
  'timestamp.signature': ['The time-stamp is not signed rightly.', NOT_KEPT],
  'timestamp.certificate': [
    'The authority’s certificate is not trusted for time-stamps.',
    'Check JITSUIN_TSA_TRUST_FILE.',
  ],
  'timestamp.renewal': [
    'A time-stamp was renewed only after its certificate had ended.',
    'It proves nothing before the renewal; renew in time.',
  ],
  'timestamp.order': [
    'A time-stamp is older than one that it covers: the two contradict each other.',
    NOT_KEPT,
  ],
  'timestamp.refused': [
    'The time-stamp authority refused.',
    'It is asked again; when it stays, ask the authority.',
  ],
  'timestamp.unavailable': [
    'The time-stamp authority does not answer.',
    'It is asked again; when it stays, ask the authority.',
  ],
  'tlog.invalid': [
    'A proof, head or key of a public log does not hold.',
    'Fetch the proof again; when it stays, show receipt and proof to the log’s operator and to its witnesses.',
  ],
  'tlog.broken': [
    'The public log, or the store behind it, is not what was published and witnessed before.',
    'Stop publishing; find out whether a backup was put back. A history that was taken back cannot go on in this log.',
  ],
  'audit.broken': [
    'The chain of the audit log does not hold.',
    'Treat the database as tampered with; compare with a backup.',
  ],
  'oidc.metadata': [
    'The provider’s metadata miss a member, or have one that OpenID Connect Discovery forbids.',
    CHECK_SERVICE,
  ],
  'oidc.issuer': ['The token is from another issuer.', CHECK_SERVICE],
  'oidc.request': [
    'An authorization request would be wrong and was not sent.',
    'Report it with the id in `instance`.',
  ],
  'oidc.state': [
    'The callback belongs to no signature of this browser, or to an older tab.',
    'The citizen goes on in the newest tab, or begins again.',
  ],
  'oidc.nonce': ['The ID token has not our nonce.', NEW_FLOW],
  'oidc.token-type': ['The token is not of the kind that was asked for.', CHECK_SERVICE],
  'oidc.token-signature': ['The token is not signed rightly.', CHECK_SERVICE],
  'oidc.token-key': [
    'No published key fits the token.',
    'Wait for the provider’s keys to be read again; then compare the issuer.',
  ],
  'oidc.audience': ['The token is for another client.', CHECK_SERVICE],
  'oidc.time': ['The token is expired, or from the future.', 'Check the clock.'],
  'oidc.at-hash': ['Access token and ID token do not belong together.', NEW_FLOW],
  'oidc.proof': [
    'A broker’s ID token does not say what JITSUIN_LOGIN_PROOF asks for, or that the citizen was authenticated anew.',
    'Let nothing but the card lead in at the broker, and have it say so in the claim; it must send `auth_time`.',
  ],
  'oidc.subject': ['The token is another person’s.', NEW_FLOW],
  'oidc.user-info': [
    'The provider sends UserInfo as a JWT, signed or encrypted. Only JSON is read.',
    'Register this client there without `userinfo_signed_response_alg`, or set JITSUIN_LOGIN_ATTRIBUTES=id-token.',
  ],
  'oidc.logout-token': [
    'The logout token is not acceptable.',
    'The provider corrects it; nobody was logged out.',
  ],
  'oidc.callback-error': ['The provider sent the citizen back with an error.', NEW_FLOW],
  'upstream.citizen': [
    'The citizen refused, or the card does not allow it; the row of the guideline is in `failure.row`.',
    'The citizen’s page says what to do: unlock, renew, or sign again.',
  ],
  'upstream.restart': ['The service wants the flow to begin anew.', NEW_FLOW],
  'upstream.operator': ['The service refuses us: client, keys or registration are wrong.', CHECK_SERVICE],
  'upstream.temporary': ['The service cannot answer now.', SEND_AGAIN],
  'upstream.final': ['The sign transaction is over at the service.', NEW_FLOW],
  'upstream.refresh': [
    'The access token was refused; a new one is got.',
    'Nothing; when it stays, look at the clocks.',
  ],
  'upstream.response': [
    'The service’s answer cannot be understood.',
    'It is tried again; when it stays, compare `wire.ts` with the service’s documents.',
  ],
  'upstream.unreachable': [
    'The other side (service, platform operator, broker …) cannot be reached.',
    SEND_AGAIN,
  ],
  'upstream.timeout': ['The other side did not answer in time.', SEND_AGAIN],
  'upstream.tls': [
    'The other side’s certificate is not trusted.',
    'Check CA bundle, proxy and host name; nothing was sent.',
  ],
  'transaction.state': [
    'The state does not allow this now.',
    'Read the application or verification and act by its state.',
  ],
  'transaction.display-name': [
    '署名対象データ名 is not acceptable.',
    'Use 1 to 100 characters without control characters.',
  ],
  'transaction.expired': ['The time of the application ran out.', 'Hand the document in again.'],
  'transaction.restored': ['A backup was put back while the signature was under way.', NEW_FLOW],
  'transaction.cancelled': [
    'The application was cancelled.',
    'Hand the document in again, if it is still wanted.',
  ],
  'transaction.hand-over': [
    'No browser has the application yet, and this one did not come with its link.',
    'Send the citizen to sign_url; make a new one where it was used (POST …/sign-url).',
  ],
  'transaction.other-browser': [
    'Another browser has the application.',
    'Go on there, or make a new sign_url for this one (POST …/sign-url).',
  ],
  'signer.name-element': [
    'The element that holds the signer’s name is not there exactly once, with a text.',
    'Have one such element, with text only, in the signed part (JITSUIN_SIGNER_NAME_ELEMENT).',
  ],
  'signer.login-ended': ['The login ended before the signature.', 'The citizen logs in and begins again.'],
  'signer.other-person': [
    'Another person signed than the one who is logged in.',
    'The person who is logged in signs with their own card.',
  ],
  'signer.name': [
    'The name in the document is not the one in the certificate.',
    'Correct the document, or have the right person sign.',
  ],
  'login.none': ['Nobody is logged in in this browser.', 'Log in, then do it again.'],
  'login.tokens-gone': ['No token is left to go on with.', 'Log in, or sign, anew.'],
  'store.conflict': [
    'Somebody else changed it at the same moment.',
    'Read it again and repeat what you wanted.',
  ],
  'store.unavailable': ['The database does not answer.', SEND_AGAIN],
  'store.full': ['The disk of the store is full.', 'The operator makes room; nothing was lost.'],
  'store.value': ['A text has a NUL or a lone surrogate.', 'Send proper Unicode.'],
  'store.migration': [
    'The database’s schema is behind the program (or ahead of it).',
    'Run `jitsuin migrate --role ROLE`, or start the matching version.',
  ],
  'store.put-back': [
    'The data were put back from a backup, and nobody has made void what came back with them.',
    'Run `jitsuin store restored --role ROLE`.',
  ],
  'store.went-back': [
    'What was committed is not in the database any more: a failover, a snapshot or a recovery lost it.',
    'Stop the role, look at what was lost, then `jitsuin store restored --role ROLE` (samples/RESTORE.md).',
  ],
  'store.not-empty': ['Data are moved into an empty store only.', 'Choose an empty one.'],
  'queue.unavailable': [
    'Redis or the queue does not answer.',
    'Work waits in the database; restore the queue.',
  ],
  'queue.unknown-version': ['A job is from a newer program.', 'Start workers of that version.'],
  'queue.time-limit': ['A job took too long and runs again.', 'When it stays, look at what it waits for.'],
  'queue.abandoned': [
    'A job’s workers died on it, again and again.',
    'Look at the log and memory; then `jitsuin jobs retry`.',
  ],
  'http.authentication': [
    'No credential, or one that is not known here.',
    'Send `Authorization: Bearer …`; for a pf a new assertion for each request.',
  ],
  'http.forbidden': ['This tenant may not do this.', 'Look at the contract of the tenant.'],
  'http.not-found': ['Nothing of this tenant is under this path and id.', 'Check path and id.'],
  'http.method': ['This method is not offered here.', 'Use a method that Allow names.'],
  'http.syntax': [
    'The octets are not a request of HTTP/1.1, its headers are too long, or it did not come in time.',
    'Send what RFC 9112 describes; the status says which of the three it is.',
  ],
  'http.body': ['The request cannot be read; the place is in `at`.', 'Correct it by /docs.'],
  'http.body-size': ['The body is larger than the limit.', 'Send less, or raise JITSUIN_BODY_LIMIT.'],
  'http.media-type': [
    'The Content-Type is not one of those accepted.',
    'Send one of those in /docs, in UTF-8, not compressed.',
  ],
  'http.cookie': [
    'The browser sent back no cookie of ours.',
    'Accept cookies, leave private windows, and open the link or page again: nothing was used up.',
  ],
  'http.origin': ['The form came from another site.', 'Open our page again and send it from there.'],
  'http.rate': ['Too many requests of this tenant.', 'Wait as Retry-After says.'],
  'http.shutting-down': ['The process is ending.', SEND_AGAIN],
  'webhook.url': [
    'The URL is not one that webhooks are sent to.',
    'Use https on port 443, without user and fragment.',
  ],
  'webhook.address': ['The address is not one of the public internet.', 'Use a public one.'],
  'webhook.exists': ['There is an endpoint with this URL already.', 'Use that one.'],
  'webhook.limit': ['A tenant may have ten endpoints.', 'Delete one.'],
  'webhook.disabled': ['The endpoint of the delivery is off or gone.', 'Enable it, or register it anew.'],
  'webhook.rotation': [
    'Three secrets sign already: each replaced one lives for the 24 hours that were promised.',
    'Deploy the newest, and rotate again after Retry-After.',
  ],
  'passkey.form': ['The passkey’s answer cannot be read.', 'Try again with a current browser.'],
  'passkey.challenge': [
    'The challenge was not given to this browser for this, was used, or is too old.',
    'Begin again on our page.',
  ],
  'passkey.unknown': ['No passkey here has this id.', 'Log in by card, or use another passkey.'],
  'passkey.suspended': [
    'The passkey’s counter once did not rise: it may have been copied.',
    'Log in by card, remove the passkey and make a new one.',
  ],
  'passkey.card-needed': [
    'A passkey is made after a login by card only, and rests after a logout or a long time without the card.',
    'Log in by card first.',
  ],
  'passkey.limit': ['There are as many passkeys as one may have.', 'Remove one.'],
  'passkey.name': ['The passkey’s name is not acceptable.', 'Use a few visible characters.'],
  'passkey.refused': ['The passkey is not accepted.', 'Use a registered passkey of this console.'],
  'passkey.counter': [
    'The passkey counts backwards: it may have been copied.',
    'Remove it and register a new one.',
  ],
  'operator.session': ['The operator is not logged in.', 'Log in again.'],
  'operator.invitation': ['The invitation was used or has expired.', 'Ask an administrator for a new one.'],
  'approval.state': ['The change was decided already.', 'Look at the list of changes.'],
  'approval.expired': ['The change waited too long for its second person.', 'Propose it again.'],
  'approval.own': ['Nobody approves their own change.', 'Another person approves it.'],
  'idempotency.key': [
    'The Idempotency-Key is missing or not visible ASCII.',
    'Send 1 to 255 characters; a new UUID for each new request.',
  ],
  'idempotency.mismatch': ['The key was used with another request.', 'Use a new key for a new request.'],
  'idempotency.restored': [
    'The key may have been used after the backup that was put back.',
    'Use a new key with the prefix that the message names, after looking whether the first request had its effect.',
  ],
  'idempotency.running': [
    'The first request under this key still runs.',
    'Wait and send it again under the same key.',
  ],
  'internal.unexpected': [
    'A failure that nobody foresaw.',
    'Report it with the id in `instance`; the log has it under that id.',
  ],
};
