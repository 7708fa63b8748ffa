import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

export interface TemporalEnvironment {
  connectionOptions: ClientConnectConfig['connectionOptions'] & { address: string };
  namespace: string;
}

const DEFAULT_NAMESPACE = 'default';

/**
 * How to reach Temporal, as the SDK's environment configuration says (TEMPORAL_ADDRESS, TEMPORAL_PROFILE, …).
 *
 * @throws temporal_not_configured, since no address is taken for granted
 */
export function readTemporalEnvironment(env: NodeJS.ProcessEnv): TemporalEnvironment {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  let config: ClientConnectConfig;
  try {
    config = loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw new BackhaulError('temporal_not_configured', 'the configuration of Temporal cannot be read', {
      cause: error,
    });
  }
  const { address } = config.connectionOptions;
  if (address === undefined) throw new BackhaulError('temporal_not_configured');
  return {
    connectionOptions: { ...config.connectionOptions, address },
    namespace: config.namespace ?? DEFAULT_NAMESPACE,
  };
}
