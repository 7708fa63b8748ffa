export interface MissingGrant {
  /** `bigquery.tables.getData on demo.app.users` */
  what: string;
  /** With the command or statement that gives it, where there is one. */
  action: string;
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
  const who = principal ?? 'serviceAccount:ACCOUNT_OF_THE_WORKER';
  if (/VPC Service Controls/i.test(sentence)) {
    return {
      what: 'VPC Service Controls',
      action: `Let the perimeter of the project admit the worker and ${who}.`,
    };
  }
  const [, column] = /policy tag .*\bcolumns? ([\w.:-]*\w)/i.exec(sentence) ?? [];
  if (column !== undefined) {
    return {
      what: `the policy tag of column ${column}`,
      action: `Grant roles/datacatalog.categoryFineGrainedReader on the policy tag to ${who}, or leave the column out of the model.`,
    };
  }
  const [named] = PERMISSION.exec(sentence) ?? [];
  const resource = resourceIn(sentence);
  if (named === undefined && resource === null) {
    return {
      what: 'BigQuery does not say what is missing',
      action: `Check what ${who} may do with the tables of the model and with what those are made of, such as files in Google Drive.`,
    };
  }
  const permission = named ?? 'bigquery.tables.getData';
  const { kind, name } = resource ?? { kind: 'project', name: projectId };
  const [, area = ''] = permission.split('.');
  const role = ROLES[area];
  if (role !== undefined || kind === 'project') {
    const project = kind === 'project' ? name : projectId;
    return {
      what: `${permission} on project ${project}`,
      action: `Grant it: gcloud projects add-iam-policy-binding ${project} --member='${who}' --role=${role ?? 'roles/bigquery.dataViewer'}`,
    };
  }
  const on = kind === 'dataset' ? 'schema' : kind;
  return {
    what: `${permission} on ${name}`,
    action: `Grant it: grant \`roles/bigquery.dataViewer\` on ${on} \`${name}\` to "${who}";`,
  };
}

function resourceIn(sentence: string): Resource | null {
  const [, kind, name] = NAMED.exec(sentence) ?? [];
  if (kind === undefined || name === undefined) return null;
  return { kind: kind.toLowerCase(), name: name.replace(':', '.') };
}
