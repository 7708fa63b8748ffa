import { tmpdir } from 'node:os';

/** Loaded only when a Snowflake connection is opened: it takes half a second and 100 MB. */
export async function loadClient() {
  // The client would ask the metadata services of three clouds where it runs.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= 'true';
  // Node 20 is what this version runs on; the client's storage library would say at each start that it is old.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // When it is loaded it makes a folder for answers of revocation servers, which are not asked.
  process.env.SF_OCSP_RESPONSE_CACHE_DIR ??= tmpdir();
  const { default: snowflake } = await import('snowflake-sdk');
  // Without it the client writes ./snowflake.log, and asks servers of its own whether a certificate was revoked.
  snowflake.configure({ logLevel: 'OFF', disableOCSPChecks: true });
  return snowflake;
}
