import { expect, it } from 'vitest';
import { createWebhookAddresses } from '../../../src/adapters/webhook/addresses.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';

it('a name that is not there and one of an inner network are refused alike', async () => {
  const addresses = createWebhookAddresses({
    loopback: 'refused',
    resolve: async (name) => (name.startsWith('inner') ? [{ address: '10.0.0.7', family: 4 }] : []),
  });
  const said = async (name: string) => {
    const thrown = await addresses.requirePublic(`https://${name}/hook`).catch((error: unknown) => error);
    const { code, message, at } = asJitsuinError(thrown);
    return { code, message, at };
  };
  expect(await said('inner.example')).toEqual(await said('nowhere.example'));
  expect((await said('inner.example')).code).toBe('webhook.address');
});
