import { Client, Connection } from '@temporalio/client';
import type { TemporalEnvironment } from '../definitions/temporal-environment.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { tracedClient } from './traced-client.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export async function connectTemporal({
  connectionOptions,
  namespace,
}: TemporalEnvironment): Promise<Client> {
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS });
    return new Client({ connection, namespace, ...(await tracedClient()) });
  } catch (error) {
    throw new BackhaulError('temporal_unreachable', connectionOptions.address, { cause: error });
  }
}
