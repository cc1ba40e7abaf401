import { cookies } from 'next/headers';
import { NextResponse } from 'next/server';
import { begin, COOKIES } from '../../openid.mjs';

export const dynamic = 'force-dynamic';

export async function GET() {
  const { url, cookie } = await begin();
  const { name, minutes } = COOKIES.attempt;
  (await cookies()).set(name, cookie, { ...COOKIES.options, maxAge: minutes * 60 });
  return NextResponse.redirect(url);
}
