import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Run } from '../../vocabulary/run.ts';
import { contract } from './contract/contract.ts';
import type { Endpoint } from './contract/endpoint.ts';
import type { ApiContext, Call, Handlers } from './handlers.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { definitionHandlers } from './routes/definitions.ts';
import { alertHandlers } from './routes/alerts.ts';
import { keyHandlers } from './routes/keys.ts';
import { runHandlers } from './routes/runs.ts';
import { syncHandlers } from './routes/syncs.ts';
import { sendEvents } from './send-events.ts';
import { sendRows } from './send-stream.ts';

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    action: z.string(),
    where: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; `code` is one of docs/errors.md.' });
const problem = {
  description: 'What is wrong, and what to do',
  content: { [PROBLEM_TYPE]: { schema: problemSchema } },
};

/** Every address of the contract, with what answers there. */
export function addEndpoints(app: FastifyInstance, context: ApiContext, ending: AbortSignal): void {
  const handlers: Handlers = {
    ...definitionHandlers(context),
    ...syncHandlers(context),
    ...runHandlers(context),
    ...alertHandlers(context),
    ...keyHandlers(context),
  };
  for (const [name, endpoint] of Object.entries<Endpoint>(contract)) {
    // Each handler takes what its own endpoint has checked.
    const handle = handlers[name as keyof Handlers] as (call: Call<Endpoint>) => unknown;
    addEndpoint(app, name, endpoint, handle, ending);
  }
}

const mediaTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  sse: 'text/event-stream',
} as const;

function addEndpoint(
  app: FastifyInstance,
  name: string,
  endpoint: Endpoint,
  handle: (call: Call<Endpoint>) => unknown,
  ending: AbortSignal,
): void {
  const { answer, body, kind, method, params, path, query, readsOnly, role, rowValues, secretAnswer } =
    endpoint;
  app.route({
    method,
    url: path,
    schema: {
      operationId: name,
      summary: endpoint.summary,
      tags: [endpoint.tag],
      description: `Role: ${role}.${rowValues ? ' Row values: each use is in the audit log.' : ''}`,
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: {
        200: { description: 'Done', content: { [mediaTypes[kind]]: { schema: answer } } },
        ...(kind === 'sse' && {
          204: z.null().describe('The run has ended, and `Last-Event-ID` is the event of its end'),
        }),
        ...(startsRuns(endpoint) && {
          201: { description: 'A run was started', content: { [mediaTypes.json]: { schema: answer } } },
        }),
        default: problem,
      },
    },
    config: {
      role,
      ...(rowValues && { rowValues }),
      ...(readsOnly && { readsOnly }),
      ...(secretAnswer && { secretAnswer }),
    },
    async handler(request, reply) {
      const call = { ...checked(request), signal: gone(reply) };
      switch (kind) {
        case 'ndjson':
          return sendRows(reply, handle(call) as AsyncGenerator<unknown, object | void>);
        case 'sse':
          return sendEvents(reply, handle(call) as AsyncGenerator<Run, void>, {
            ending,
            lastEventId: lastEventIdOf(request),
          });
        case 'json': {
          const given = await (handle(call) as Promise<object>);
          return reply.status(hasStarted(given) ? 201 : 200).send(given);
        }
      }
    },
  });
}

const lastEventIdOf = ({ headers }: FastifyRequest): string | undefined => {
  const given = headers['last-event-id'];
  return typeof given === 'string' ? given : undefined;
};

const startsRuns = ({ answer }: Endpoint): boolean => answer instanceof z.ZodObject && 'how' in answer.shape;
const hasStarted = (answer: object): boolean => 'how' in answer && answer.how === 'started';

const checked = ({ body, params, query, requestKey }: FastifyRequest): Omit<Call<Endpoint>, 'signal'> => ({
  body,
  params,
  query,
  requestKey,
});

function gone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => controller.abort());
  return controller.signal;
}
