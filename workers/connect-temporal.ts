import { NativeConnection } from '@temporalio/worker';
import { temporalFailure } from '../definitions/temporal-failure.ts';
import type { TemporalEnvironment } from '../definitions/temporal-environment.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects, and sees that the namespace is there: the SDK would say so only once it polls. */
export async function connectTemporal(temporal: TemporalEnvironment): Promise<NativeConnection> {
  const { connectionOptions, namespace } = temporal;
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect(connectionOptions);
  } catch (error) {
    throw await temporalFailure(temporal, (await statusOf(temporal)) ?? error);
  }
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (error) {
    await connection.close();
    throw await temporalFailure(temporal, error);
  }
}

/** The native client keeps gRPC's status in its text only, so the other one is asked. @returns null when that one connects */
async function statusOf({ connectionOptions }: TemporalEnvironment): Promise<unknown> {
  const { Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS });
    await connection.close();
    return null;
  } catch (error) {
    return error;
  }
}
