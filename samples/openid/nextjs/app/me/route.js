import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { COOKIES, whoIs } from '../../openid.mjs';

export async function GET() {
  const found = whoIs((await cookies()).get(COOKIES.session.name)?.value);
  if (found === undefined) return NextResponse.json({ error: 'nobody is logged in' }, { status: 401 });
  return NextResponse.json({ sub: found.sub, ...found.person });
}
