import { cookies } from 'next/headers';
import { COOKIES, whoIs } from '../openid.mjs';

export default async function Page() {
  const session = whoIs((await cookies()).get(COOKIES.session.name)?.value);
  // A plain link: `Link` would ask for the address in advance and begin a login that nobody wants.
  if (session === undefined) return <a href="/login">マイナンバーカードでログインする</a>;
  return (
    <form method="post" action="/logout">
      <p id="name">{session.person.name}</p>
      <button type="submit">ログアウト</button>
    </form>
  );
}
