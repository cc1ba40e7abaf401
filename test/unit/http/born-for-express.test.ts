import { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../../src/http/listen.ts';

describe('requests and responses of an Express application', () => {
  it('are born with its prototypes: none is changed afterwards, and both can what Express gives them', async () => {
    const app = express();
    app.get('/x', (request, response) => {
      response.status(201).json({ accepts: request.get('accept'), app: request.app === response.app });
    });
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const changed: object[] = [];
    const real = Object.setPrototypeOf;
    vi.spyOn(Object, 'setPrototypeOf').mockImplementation((object, prototype) => {
      const ours = object instanceof IncomingMessage || object instanceof ServerResponse;
      if (ours && Object.getPrototypeOf(object) !== prototype) changed.push(object);
      return real(object, prototype);
    });
    try {
      const answer = await fetch(`${server.url}/x`, { headers: { accept: 'application/json' } });
      expect([answer.status, await answer.json()]).toEqual([201, { accepts: 'application/json', app: true }]);
      expect(changed).toEqual([]);
    } finally {
      vi.restoreAllMocks();
      await server.close();
    }
  });
});
