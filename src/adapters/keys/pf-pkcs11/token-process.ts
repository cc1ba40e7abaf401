import { faultOf } from './fault.ts';
import type { FromToken, ToToken } from './messages.ts';
import { type OpenToken, openTokenHere } from './token-session.ts';

// The program of the process that alone holds the token: a vendor's library that hangs or falls takes nothing else
// with it, and a new process finds a token that came back. It ends with the process that started it.

let token: OpenToken | undefined;

process.once('disconnect', () => process.exit(0));
process.on('message', (message: ToToken) => void receive(message));
// Ctrl+C goes to the whole group: the process that asks decides when it is over.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

async function receive(message: ToToken): Promise<void> {
  if ('place' in message) return open(message);
  const { number, request } = message;
  try {
    if (token === undefined) throw new Error('not open');
    tell({ number, result: await token.perform(request) });
  } catch (thrown) {
    tell({ number, fault: faultOf(thrown) });
  }
}

async function open({ place }: Extract<ToToken, { readonly place: unknown }>): Promise<void> {
  try {
    token = await openTokenHere(place);
    tell({ opened: true });
  } catch (thrown) {
    tell({ refused: faultOf(thrown) });
  }
}

function tell(message: FromToken): void {
  process.send?.(message);
}
