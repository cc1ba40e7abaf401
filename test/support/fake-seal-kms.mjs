// A KMS in a process of its own: its key is made here and never leaves. Prints `{"port":…}` once, then one line
// `{"seen": base64}` for every key it wraps, so that a test can look for its octets.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const token = process.env.FAKE_KMS_TOKEN;
const KEY_ID = 'arn:simulated:key/seal-1';
const key = randomBytes(32);

const aad = (context) => Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort()));

function encrypt({ KeyId, Plaintext, EncryptionContext }) {
  console.log(JSON.stringify({ seen: Plaintext }));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad(EncryptionContext));
  const body = Buffer.concat([cipher.update(Buffer.from(Plaintext, 'base64')), cipher.final()]);
  const blob = Buffer.concat([iv, body, cipher.getAuthTag()]);
  return { KeyId, CiphertextBlob: blob.toString('base64') };
}

function decrypt({ KeyId, CiphertextBlob, EncryptionContext }) {
  const blob = Buffer.from(CiphertextBlob, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(aad(EncryptionContext)).setAuthTag(blob.subarray(-16));
  const plain = Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
  return { KeyId, Plaintext: plain.toString('base64') };
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const operation = { 'TrentService.Encrypt': encrypt, 'TrentService.Decrypt': decrypt }[
    request.headers['x-amz-target']
  ];
  if (operation === undefined || request.headers.authorization !== `Bearer ${token}`) {
    return void response.writeHead(403).end('{}');
  }
  try {
    const asked = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (asked.KeyId !== KEY_ID) throw new Error('no such key');
    const answer = JSON.stringify(operation(asked));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(answer);
  } catch {
    response.writeHead(400).end('{}');
  }
});
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ port: server.address().port, key_id: KEY_ID })),
);
// Ends with the test that started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
