import { NextResponse } from 'next/server';
import { backChannelLogout } from '../../openid.mjs';

export async function POST(request) {
  const form = await request.formData();
  const good = await backChannelLogout(String(form.get('logout_token') ?? ''));
  return NextResponse.json(good ? {} : { error: 'invalid_request' }, { status: good ? 200 : 400 });
}
