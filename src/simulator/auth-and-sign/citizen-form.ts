import { randomBytes, randomUUID } from 'node:crypto';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import { CITIZEN_OUTCOMES, type CitizenOutcome } from '../people.ts';
import { cookieOf, errorRedirect, FORM_PATH, redirect } from './authorization.ts';
import { consentPage, errorPage, leadBack, page } from './page.ts';
import { formOf, type Parameters, parameter } from './parameters.ts';
import type { Answer, Reply } from './reply.ts';
import { signOnCard } from './sign-on-card.ts';
import { type CitizenSession, type Interaction, pairwiseSubject, type World } from './world.ts';

/** A session at the service lasts as long as a logout token would. */
const SESSION_SECONDS = 36_000;

/** What the citizen chose on the page. */
interface Choice {
  readonly personId: string;
  readonly signerId: string;
  readonly outcome: CitizenOutcome;
  readonly surface: 'result' | 'redirect';
}

/** The form of the consent and card page. It counts once, and only with the cookie that came with the page. */
export function citizenForm(world: World): Answer {
  return (request) => {
    const form = formOf(request);
    const interaction = world.interactions.get(parameter(form, 'interaction') ?? '');
    if (interaction === undefined) return errorPage(400, 'The page has expired or was used already.');
    if (cookieOf(request.headers.cookie) !== interaction.cookie)
      return errorPage(400, 'The cookie is missing.');
    const choice = choiceOf(world, form);
    if (choice === undefined) return errorPage(400, 'Unknown person or outcome.');
    const reply = decide(world, interaction, choice);
    const location = reply.headers?.['location'];
    return location === undefined ? reply : leadBack(location);
  };
}

function decide(world: World, interaction: Interaction, choice: Choice): Reply {
  const refused = (row: string) => errorRedirect(interaction.redirectUri, interaction.state, row);
  if (choice.outcome === 'wrong-pin') return wrongPin(world, interaction, choice);
  world.interactions.delete(interaction.id);
  if (choice.outcome === 'abandon') return page(200, '終了しました', '<p>この画面を閉じてください。</p>');
  if (choice.outcome === 'refuse') return refused('authorization-7');
  if (choice.outcome === 'authentication-failed') return refused('authorization-8');
  const session = openSession(world, interaction, choice.personId);
  const transaction = world.transactions.get(interaction.signTransactionId ?? '');
  if (transaction !== undefined) {
    transaction.state = signOnCard(world, { transaction, sub: session.sub, ...choice });
    if (transaction.state.kind === 'failed' && choice.surface === 'redirect')
      return refused('authorization-8');
  }
  const code = `${randomUUID()}.${session.sid}.${randomBytes(16).toString('hex')}`;
  world.codes.set(code, { interaction, session }, LIFETIME.authorizationCode);
  return successRedirect(interaction, code, session.sid);
}

function successRedirect(interaction: Interaction, code: string, sid: string): Reply {
  const { redirectUri, state } = interaction;
  switch (interaction.fault?.name) {
    case 'wrong-state':
      return redirect(redirectUri, { code, state: `${state}x`, session_state: sid });
    case 'missing-state':
      return redirect(redirectUri, { code, session_state: sid });
    case 'missing-code':
      return redirect(redirectUri, { state, session_state: sid });
    case 'with-iss':
      return redirect(redirectUri, { code, state, session_state: sid, iss: 'https://issuer.invalid/' });
    case 'duplicate-code': {
      const doubled = redirect(redirectUri, { code, state, session_state: sid });
      return {
        ...doubled,
        headers: { ...doubled.headers, location: `${doubled.headers?.['location']}&code=again` },
      };
    }
    default:
      return redirect(redirectUri, { code, state, session_state: sid });
  }
}

/** The app stays open and says so; the last try locks the card. */
function wrongPin(world: World, interaction: Interaction, choice: Choice): Reply {
  const card = world.cards.get(choice.signerId);
  const entry = card?.enterPin('wrong') ?? 'locked';
  const alert =
    entry === 'locked'
      ? '署名用電子証明書がロックされています'
      : `暗証番号が正しくありません(残り${card?.triesLeft ?? 0}回)`;
  return consentPage(world, interaction, { action: world.url + FORM_PATH, alert });
}

function openSession(world: World, interaction: Interaction, personId: string): CitizenSession {
  const session = {
    clientId: interaction.clientId,
    personId,
    sub: pairwiseSubject(world.seed, interaction.clientId, personId),
    sid: randomUUID(),
    authTime: Math.floor(world.now() / 1000),
  };
  world.sessions.set(session.sid, session, SESSION_SECONDS);
  return session;
}

function choiceOf(world: World, form: Parameters): Choice | undefined {
  const personId = parameter(form, 'person') ?? 'taro';
  const outcome = CITIZEN_OUTCOMES.find((name) => name === (parameter(form, 'outcome') ?? 'sign'));
  const signerId = parameter(form, 'signer') || personId;
  if (outcome === undefined || !world.cards.has(personId) || !world.cards.has(signerId)) return undefined;
  return {
    personId,
    signerId,
    outcome,
    surface: parameter(form, 'surface') === 'redirect' ? 'redirect' : 'result',
  };
}
