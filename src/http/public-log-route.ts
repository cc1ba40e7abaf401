import express, { type Express } from 'express';

/** Tiles and head of a public log (C2SP tlog-tiles), for anyone: a full tile never changes, the head does. */
export function publicLogRoute(app: Express, folder: string): void {
  const headers = (response: { setHeader(name: string, value: string): void }, path: string) => {
    const isHead = path.endsWith('checkpoint');
    response.setHeader('content-type', isHead ? 'text/plain; charset=utf-8' : 'application/octet-stream');
    response.setHeader('cache-control', isHead ? 'no-cache' : 'public, max-age=31536000, immutable');
  };
  const options = {
    index: false,
    redirect: false,
    cacheControl: false,
    acceptRanges: false,
    setHeaders: headers,
  } as const;
  app.use('/log', express.static(folder, options));
}
