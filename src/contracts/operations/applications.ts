import {
  applicationListQuerySchema,
  applicationListSchema,
  applicationReceiptSchema,
  applicationReportSchema,
  applicationSchema,
  applicationStatusQuerySchema,
  evidenceRecordSchema,
  newApplicationQuerySchema,
} from '../public-api.ts';
import { reportQuerySchema } from '../verification.ts';
import { codesUnder, json, type Operation } from './operation.ts';

const TAG = 'applications';
const ONE = '/v1/applications/{id}';

/** What sp and gov share. */
export const APPLICATION_OPERATIONS: readonly Operation[] = [
  {
    id: 'createApplication',
    method: 'post',
    path: '/v1/applications',
    tag: TAG,
    summary: 'Hand in a document to be signed',
    description:
      'The body is the document itself, kept byte for byte. Send the citizen’s browser to ' +
      'sign_url: the first browser that opens it takes the application, and the document is shown ' +
      'to no other. The sign transaction (署名トランザクション) is open already, or is opened when the ' +
      'citizen comes. With `form`, the name of a receiver’s form, files may come beside the document: ' +
      '`multipart/form-data` with one part `document` and each file as a part `files` under the name by which it is ' +
      'signed, or the ZIP of the form as `application/octet-stream` (or `application/zip`). One operation of the ' +
      'card signs them all. With `joins` (連署, at an sp) the platform operator puts this signature beside those of ' +
      'the application that is named.',
    authentication: 'tenant',
    query: newApplicationQuerySchema,
    idempotencyKey: 'required',
    bodies: [
      { mediaType: 'application/xml', schema: 'octets' },
      { mediaType: 'text/xml', schema: 'octets' },
      // beside multipart/form-data, openapi-generator's java and typescript-fetch do not compile: the text tells of it
      { mediaType: 'application/octet-stream', schema: 'octets' },
    ],
    answers: {
      201: json('It is kept.', applicationSchema, { Location: 'Where it can be read.' }),
    },
    problems: [
      ...codesUnder('xml.', 'c14n.', 'idempotency.'),
      ...([
        'xmldsig.profile',
        'xmldsig.mode',
        'xmldsig.signed-element',
        'xmldsig.already-signed',
        'xmldsig.file',
        'xmldsig.other-form',
        'xmldsig.signature',
        'xmldsig.shape',
        'record.not-found',
      ] as const),
      ...([
        'digest.data',
        'transaction.display-name',
        'signer.name-element',
        'http.media-type',
        'http.body-size',
      ] as const),
      ...(['store.value', 'store.conflict', 'transaction.state', 'transaction.expired'] as const),
      ...([
        'upstream.operator',
        'upstream.restart',
        'upstream.final',
        'upstream.citizen',
        'upstream.tls',
      ] as const),
    ],
  },
  {
    id: 'listApplications',
    method: 'get',
    path: '/v1/applications',
    tag: TAG,
    summary: 'List applications, newest first',
    description: 'Give next_cursor as cursor for the page after; it is absent at the end.',
    authentication: 'tenant',
    query: applicationListQuerySchema,
    answers: { 200: json('One page.', applicationListSchema) },
    problems: [],
  },
  {
    id: 'readApplication',
    method: 'get',
    path: ONE,
    tag: TAG,
    summary: 'Read an application with its state and verdict',
    description: `Give the ETag again as If-None-Match: 304 while nothing has changed. With ?wait= the answer is
held back until the application has ended (with If-None-Match: until it has changed), or for so many seconds; it may
come sooner.`,
    authentication: 'tenant',
    query: applicationStatusQuerySchema,
    answers: {
      200: json('As it is now.', applicationSchema, {
        ETag: 'Changes with every change of the application.',
      }),
      304: { description: 'Not changed since the ETag in If-None-Match.' },
    },
    problems: ['http.not-found'],
  },
  {
    id: 'renewSignUrl',
    method: 'post',
    path: `${ONE}/sign-url`,
    tag: TAG,
    summary: 'Make a new one-time sign_url',
    description:
      'For a citizen who lost the link, changes the device, or comes back from the municipal office: an application ' +
      'that ended unsigned has a link as long as its document is kept, and leads to “sign again”. Links made before ' +
      'work no more; the browser that has the application keeps it until the new link is opened.',
    authentication: 'tenant',
    repeatable: true,
    answers: { 200: json('With the new sign_url.', applicationSchema) },
    problems: ['http.not-found', 'transaction.state', 'store.conflict'],
  },
  {
    id: 'cancelApplication',
    method: 'post',
    path: `${ONE}/cancel`,
    tag: TAG,
    summary: 'End an application before its result was fetched',
    description: 'The citizen is told when they come. Once the result was fetched nothing can be cancelled.',
    authentication: 'tenant',
    repeatable: true,
    answers: { 200: json('It has ended; a second call gives the same answer.', applicationSchema) },
    problems: ['http.not-found', 'transaction.state', 'store.conflict'],
  },
];

export const SP_OPERATIONS: readonly Operation[] = [
  {
    id: 'readReceipt',
    method: 'get',
    path: `${ONE}/receipt`,
    tag: TAG,
    summary: 'Read the platform operator’s receipt of a verdict',
    description:
      'A compact JWS (ES256) that the platform operator signed; its keys are at /.well-known/jwks.json there.',
    authentication: 'tenant',
    answers: { 200: json('The receipt.', applicationReceiptSchema) },
    problems: ['http.not-found', 'transaction.state'],
  },
];

export const GOV_OPERATIONS: readonly Operation[] = [
  {
    id: 'readSignedDocument',
    method: 'get',
    path: `${ONE}/document`,
    tag: TAG,
    summary: 'Read the signed XML as it was assembled and judged',
    description: 'It holds the signing certificate with the attributes of the citizen: keep it accordingly.',
    authentication: 'tenant',
    scope: 'evidence',
    answers: {
      200: { description: 'The document.', body: { mediaType: 'application/xml', schema: 'octets' } },
    },
    problems: ['http.not-found', 'transaction.state', 'seal.integrity'],
  },
  {
    id: 'readReport',
    method: 'get',
    path: `${ONE}/report`,
    tag: TAG,
    summary: 'Read every check in its order',
    description:
      'The words are those of ETSI EN 319 102-1. With format=xml as ETSI TS 119 102-2 writes it, with ' +
      'format=html as a page to be printed (検証結果報告書). Nothing of the certificate is in it.',
    authentication: 'tenant',
    query: reportQuerySchema,
    answers: {
      200: {
        ...json('The report.', applicationReportSchema),
        otherBodies: [
          { mediaType: 'application/xml', schema: 'octets' },
          { mediaType: 'text/html', schema: 'text' },
        ],
      },
    },
    problems: ['http.not-found', 'transaction.state', 'evidence.invalid', 'seal.integrity'],
  },
  {
    id: 'readEvidence',
    method: 'get',
    path: `${ONE}/evidence`,
    tag: TAG,
    summary: 'Read the evidence that decides again offline',
    description: 'Save the octets as they are; "jitsuin evidence verify FILE" decides again from them.',
    authentication: 'tenant',
    scope: 'evidence',
    answers: { 200: json('The evidence record.', evidenceRecordSchema) },
    problems: ['http.not-found', 'transaction.state', 'seal.integrity'],
  },
];
