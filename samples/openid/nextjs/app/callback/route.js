import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { COOKIES, finish, REDIRECT_URI } from '../../openid.mjs';

export async function GET(request) {
  const jar = await cookies();
  const { attempt, session, options } = COOKIES;
  const ended = await finish(request.nextUrl.searchParams, jar.get(attempt.name)?.value);
  jar.delete(attempt.name);
  if (ended.refused !== undefined) return NextResponse.json({ refused: ended.refused }, { status: 403 });
  jar.set(session.name, ended.cookie, { ...options, maxAge: session.minutes * 60 });
  return NextResponse.redirect(new URL('/', REDIRECT_URI));
}
