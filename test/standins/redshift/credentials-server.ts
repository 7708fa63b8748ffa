import { AwsFailure, startAwsServer, type AwsServer } from './aws-server.ts';

const LIFE_MS = 900_000;

/** GetClusterCredentials of Redshift and GetCredentials of Redshift Serverless: a login for some minutes. */
export async function startCredentialsServer(options: {
  cluster: string;
  refuse: (accessKeyId: string, operation: string) => AwsFailure | null;
  /** Makes a login for a user of the database. */
  grant: (user: string | null) => Promise<{ user: string; password: string }>;
}): Promise<AwsServer> {
  return startAwsServer(async ({ accessKeyId, input, operation }) => {
    const refused = options.refuse(accessKeyId, operation);
    if (refused !== null) throw refused;
    const until = new Date(Date.now() + LIFE_MS);
    if (operation === 'GetCredentials') {
      if (input.workgroupName !== options.cluster) {
        throw new AwsFailure('ResourceNotFoundException', 'The workgroup was not found.');
      }
      const { password, user } = await options.grant(null);
      return { json: { dbUser: user, dbPassword: password, expiration: until.getTime() / 1000 } };
    }
    if (input.ClusterIdentifier !== options.cluster) {
      throw new AwsFailure('ClusterNotFound', 'Cluster not found.', 404);
    }
    const { password, user } = await options.grant(String(input.DbUser));
    return {
      xml: `<GetClusterCredentialsResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><GetClusterCredentialsResult>
        <DbUser>${user}</DbUser><DbPassword>${password}</DbPassword><Expiration>${until.toISOString()}</Expiration>
      </GetClusterCredentialsResult></GetClusterCredentialsResponse>`,
    };
  });
}
