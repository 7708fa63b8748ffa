import fastifyPlugin from 'fastify-plugin';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeAudit } from '../../ledger/audit.ts';
import type { ClientConnection } from '../connection.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Values of rows are in the answer or the request. */
    rowValues?: true;
  }
}

/** The audit log: every change, and every look at row values, by which key. What cannot be recorded is not shown. */
export const recordUse = fastifyPlugin<{ connection: ClientConnection }>(async (app, { connection }) => {
  const record = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    writeAudit(connection.ledger.db, {
      keyId: request.caller?.key ?? '',
      keyName: request.caller?.name ?? '',
      action: `${request.method} ${request.routeOptions.url ?? ''}`,
      target: targetOf(request),
      status: reply.statusCode,
    });
  app.addHook('onSend', async (request, reply) => {
    const { readsOnly, rowValues } = request.routeOptions.config;
    const changes = request.method !== 'GET' && readsOnly !== true;
    if (request.caller === null || !(changes || rowValues === true)) return;
    // Nothing was looked at, and a loop is not to fill the log.
    if (reply.statusCode === 429) return;
    await record(request, reply);
  });
});

/** Names and ids of the address, which hold no values. */
function targetOf({ params }: FastifyRequest): string | null {
  const values = Object.values((params ?? {}) as Record<string, string>);
  return values.length === 0 ? null : values.join('/');
}
