import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { TemporalEnvironment } from '../definitions/temporal-environment.ts';
import { temporalFailure } from '../definitions/temporal-failure.ts';
import { endWithChannel } from './closed-channel.ts';
import { tracedClient } from './traced-client.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export async function connectTemporal(temporal: TemporalEnvironment): Promise<Client> {
  const { connectionOptions, namespace } = temporal;
  try {
    const connection = await Connection.connect({
      ...connectionOptions,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // What the SDK has by itself, and beneath it ours.
      interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithChannel],
    });
    return new Client({ connection, namespace, ...(await tracedClient()) });
  } catch (error) {
    throw await temporalFailure(temporal, error);
  }
}
