import { pythonPackages } from './python.ts';

/** dbt on PostgreSQL, real. Beyond 1.11 its parser comes from elsewhere than PyPI. @returns the folder of its programs */
export const installDbt = (): Promise<string> =>
  pythonPackages('dbt', ['3.12', '3.11', '3.13', '3.10'], ['dbt-core==1.11.16', 'dbt-postgres==1.10.2']);
