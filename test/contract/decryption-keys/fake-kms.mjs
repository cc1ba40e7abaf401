// A KMS in a process of its own: keys are made here and never leave; prints `{"port":…,"keys":[{key_id, x, y}]}` once.
import { createECDH, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const token = process.env.FAKE_KMS_TOKEN;
const keys = new Map();
for (let n = 0; n < 4; n += 1) {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  keys.set(randomUUID(), ecdh);
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const right =
    request.headers.authorization === `Bearer ${token}` &&
    request.headers['x-amz-target'] === 'TrentService.DeriveSharedSecret';
  if (!right) return void response.writeHead(403).end('{}');
  const { KeyId, KeyAgreementAlgorithm, PublicKey } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const ecdh = keys.get(KeyId);
  if (ecdh === undefined || KeyAgreementAlgorithm !== 'ECDH') return void response.writeHead(400).end('{}');
  const secret = ecdh.computeSecret(Buffer.from(PublicKey, 'base64').subarray(-65));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ KeyId, SharedSecret: secret.toString('base64') }));
});
server.listen(0, '127.0.0.1', () => {
  const list = [...keys].map(([key_id, ecdh]) => {
    const point = ecdh.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    return { key_id, x, y };
  });
  console.log(JSON.stringify({ port: server.address().port, keys: list }));
});
// Ends with the test that started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
