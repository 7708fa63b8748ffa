export interface MissingGrant {
  /** `bigquery.tables.getData on demo.app.users` */
  what: string;
  /** The command or statement that gives it. */
  statement: string;
}

interface Resource {
  kind: string;
  name: string;
}

const NAMED = /\b(Project|Dataset|Table|View|Routine) ([\w-]+(?:[:.][\w$-]+){0,3})/i;
const PERMISSION = /bigquery\.[a-z]+\.[A-Za-z]+/i;
const ROLES: Readonly<Record<string, string>> = {
  jobs: 'roles/bigquery.jobUser',
  readsessions: 'roles/bigquery.readSessionUser',
};

/**
 * What an account lacks, from the sentence in which BigQuery says so, which is the only place that names it: permission and
 * resource are identifiers, and nothing else is taken of the sentence.
 */
export function missingGrant(sentence: string, projectId: string, principal: string | null): MissingGrant {
  const permission = PERMISSION.exec(sentence)?.[0] ?? 'bigquery.tables.getData';
  const [, area = ''] = permission.split('.');
  const { kind, name } = resourceIn(sentence) ?? { kind: 'project', name: projectId };
  const who = principal ?? 'serviceAccount:ACCOUNT_OF_THE_WORKER';
  const role = ROLES[area];
  if (role !== undefined || kind === 'project') {
    const project = kind === 'project' ? name : projectId;
    return {
      what: `${permission} on project ${project}`,
      statement: `gcloud projects add-iam-policy-binding ${project} --member='${who}' --role=${role ?? 'roles/bigquery.dataViewer'}`,
    };
  }
  const on = kind === 'dataset' ? 'schema' : kind;
  return {
    what: `${permission} on ${name}`,
    statement: `grant \`roles/bigquery.dataViewer\` on ${on} \`${name}\` to "${who}";`,
  };
}

function resourceIn(sentence: string): Resource | null {
  const [, kind, name] = NAMED.exec(sentence) ?? [];
  if (kind === undefined || name === undefined) return null;
  return { kind: kind.toLowerCase(), name: name.replace(':', '.') };
}
