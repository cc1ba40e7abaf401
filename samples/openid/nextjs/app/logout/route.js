import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { COOKIES, logOut, REDIRECT_URI } from '../../openid.mjs';

export async function POST() {
  const jar = await cookies();
  const { name } = COOKIES.session;
  logOut(jar.get(name)?.value);
  jar.delete(name);
  return NextResponse.redirect(new URL('/', REDIRECT_URI), 303);
}
