import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An error as AWS answers it. */
export class AwsFailure extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export interface AwsRequest {
  /** As the signature names it; the signature itself is not checked. */
  accessKeyId: string;
  operation: string;
  input: Record<string, unknown>;
}

export interface AwsServer {
  origin: string;
  /** Breaks what is being transferred. */
  breakConnections(): void;
  close(): Promise<void>;
}

/** A service of AWS that speaks its JSON 1.1 protocol, or its older one of forms and XML. */
export async function startAwsServer(
  answer: (request: AwsRequest) => Promise<{ json: unknown } | { xml: string }>,
): Promise<AwsServer> {
  const server = createServer((request, response) => {
    void (async () => {
      const form = String(request.headers['content-type']).includes('form-urlencoded');
      const type = form ? 'text/xml' : 'application/x-amz-json-1.1';
      const reply = (status: number, text: string): void => {
        response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': randomUUID() });
        response.end(text);
      };
      try {
        const answered = await answer(await readRequest(request, form));
        reply(200, 'xml' in answered ? answered.xml : JSON.stringify(answered.json));
      } catch (error) {
        const failure =
          error instanceof AwsFailure ? error : new AwsFailure('InternalServerException', String(error), 500);
        const { message, status, type: name } = failure;
        const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`;
        reply(status, form ? xml : JSON.stringify({ __type: name, message }));
      }
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakConnections: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function readRequest(request: IncomingMessage, form: boolean): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (form) {
    const input = Object.fromEntries(new URLSearchParams(body));
    return { accessKeyId, operation: input.Action ?? '', input };
  }
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  return { accessKeyId, operation, input: JSON.parse(body || '{}') as Record<string, unknown> };
}
