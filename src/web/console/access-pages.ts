import type { CeremonyOptions } from '../../ports/passkey-ceremony.ts';
import type { StaffMember } from '../../ports/staff-store.ts';
import { both } from '../bilingual.ts';
import { html } from '../html.ts';
import { field } from '../parts.ts';
import { passkeyForm } from '../passkey-form.ts';
import { outerPage, roleName } from './layout.ts';

export function loginPage(options: CeremonyOptions): string {
  return outerPage(
    { ja: 'ログイン', en: 'Log in' },
    html`<p>登録したパスキーでログインします。<span lang="en">Log in with the passkey that you registered.</span></p>
${passkeyForm({
  action: '/console/login',
  ceremony: 'get',
  options,
  label: both({ ja: 'パスキーでログインする', en: 'Log in with a passkey' }),
})}
<p><a href="/console/enrol">招待を受け取った方はこちら<span lang="en">I have an invitation</span></a></p>`,
  );
}

/** The code of the link stands behind `#`, which no server sees; the script brings it into the field. */
export function invitationPage(): string {
  return outerPage(
    { ja: '運用者の登録', en: 'Operator enrolment' },
    html`<p>管理者から受け取った招待コードを確認します。招待は一度だけ使えます。<span lang="en">Your invitation works once.</span></p>
<form method="post" action="/console/enrol" data-code-from-fragment>
${field(
  { ja: '招待コード', en: 'Invitation code' },
  { id: 'code', maxlength: 64, autocapitalize: 'off', spellcheck: 'false', required: true },
)}
<button type="submit">次へ<span lang="en">Next</span></button>
</form>
<script src="/assets/console.js" defer></script>`,
  );
}

export function enrolmentPage(operator: StaffMember, options: CeremonyOptions): string {
  const role = roleName(operator.role);
  return outerPage(
    { ja: 'パスキーの登録', en: 'Register a passkey' },
    html`<table><caption class="unseen">登録する人<span lang="en">Who is enrolled</span></caption><tbody>
<tr><th scope="row">氏名<span lang="en">Name</span></th><td id="enrolled-name">${operator.name}</td></tr>
<tr><th scope="row">役割<span lang="en">Role</span></th><td>${role.ja}<span lang="en">${role.en}</span></td></tr>
</tbody></table>
<p>この端末またはセキュリティキーに、パスキーを作ります。指紋、顔、PINのいずれかで確認します。
<span lang="en">A passkey is made on this device or a security key;
it asks for your fingerprint, face or PIN.</span></p>
${passkeyForm({
  action: '/console/enrol/passkey',
  ceremony: 'create',
  options,
  label: both({ ja: 'パスキーを作る', en: 'Make a passkey' }),
})}`,
  );
}
