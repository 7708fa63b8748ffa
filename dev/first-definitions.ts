/** The least that makes a sync; shown when `dev` finds no definitions. */
export const FIRST_DEFINITIONS = `version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}" }
models:
  active_users:
    connection: warehouse
    sql: select id as user_id, email, plan from users
syncs:
  users:
    model: active_users
    destination: segment
    key: { from: user_id, to: userId }
    properties: all
`;
