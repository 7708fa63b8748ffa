import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface AwsSettings {
  region?: string;
  endpoint?: string;
  credentials?: AwsCredentialIdentity;
  requestHandler: { requestTimeout: number; connectionTimeout: number };
}

type EndpointField = 'dataApiEndpoint' | 'redshiftEndpoint' | 's3Endpoint';

/** Services of AWS by the field that may name another address of them; a VPC has its own names for each. */
const SERVICES: Readonly<Record<EndpointField, readonly string[]>> = {
  dataApiEndpoint: ['redshift-data', 'redshift-data-fips'],
  redshiftEndpoint: ['redshift', 'redshift-fips', 'redshift-serverless', 'redshift-serverless-fips'],
  s3Endpoint: ['s3', 's3-fips'],
};

/**
 * What a client of AWS is made with. Without keys in the connection it finds those of the worker (environment, profile, role
 * of the machine), and fetches new ones when they run out.
 */
export function awsSettings(
  name: string,
  connection: ResolvedRedshiftConnection,
  field: EndpointField,
  allowed: readonly string[],
): AwsSettings {
  const { accessKeyId, region, secretAccessKey, sessionToken } = connection;
  const named = connection[field];
  const hosts = SERVICES[field].flatMap((service) => [
    `${service}.${region}.amazonaws.com`,
    `${service}.${region}.amazonaws.com.cn`,
    `*.${service}.${region}.vpce.amazonaws.com`,
  ]);
  return {
    ...(region !== undefined && { region }),
    ...(named !== undefined && {
      endpoint: allowedEndpoint({ connection: name, field }, named, hosts, allowed).href,
    }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: CONNECT_TIMEOUT_MS },
  };
}
