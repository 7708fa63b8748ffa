import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { credentialsOf } from '../../../sources/google-sheets/credentials.ts';
import { runProgram } from '../run-program.ts';
import { startOrSkip } from '../start-or-skip.ts';
import { pythonClient } from './discovery.ts';
import { tabOf } from './documents.ts';
import { startSheetsServer } from './sheets-server.ts';
import { typedCell } from './typed-cell.ts';

const READER = 'reader@standin.iam.gserviceaccount.com';
const started = await startOrSkip('google_sheets', () => startSheetsServer([READER]));
afterAll(() => started?.close());

const PROGRAM = `
import json, sys
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

url, token = sys.argv[1:]
def service(name, version, base):
    return build(name, version, credentials=Credentials(token), client_options={'api_endpoint': base})
sheets = service('sheets', 'v4', url).spreadsheets()
print(json.dumps({
    'values': sheets.values().get(spreadsheetId='people', range="'It''s'!A1:C9").execute(),
    'grid': sheets.get(spreadsheetId='people', ranges=["'It''s'!B2"], includeGridData=True).execute()['sheets'][0]['data'],
    'file': service('drive', 'v3', url + '/drive/v3/').files().get(fileId='people', fields='version').execute(),
}))
`;

(started === null ? describe.skip : describe)('google_sheets: the stand-in', () => {
  it('answers the client that Google wrote', async () => {
    if (started === null) return;
    const cells = [['name', 'born'], ["'007", '2024-02-29'], ['', ''], ['x']].map((row) =>
      row.map(typedCell),
    );
    const tabs = [tabOf(0, "It's", cells)];
    const people = { id: 'people', timeZone: 'Etc/GMT', tabs, viewers: [READER], editors: [], version: 7 };
    started.spreadsheets.set('people', people);
    const credentials = credentialsOf('test', started.accountKey(READER), new URL(`${started.url}/token`));
    const { token } = await (await credentials.connect()).getAccessToken();
    const python = join(await pythonClient(), 'python');
    const said = await runProgram(python, ['-c', PROGRAM, started.url, token ?? '']);
    expect(JSON.parse(said)).toEqual({
      values: {
        range: "'It''s'!A1:C9",
        majorDimension: 'ROWS',
        values: [['name', 'born'], ['007', '45351'], [], ['x']],
      },
      grid: [
        {
          startRow: 1,
          startColumn: 1,
          rowData: [
            {
              values: [
                {
                  userEnteredValue: { numberValue: 45_351 },
                  effectiveValue: { numberValue: 45_351 },
                  formattedValue: '45351',
                  userEnteredFormat: { numberFormat: { type: 'DATE', pattern: 'yyyy-mm-dd' } },
                  effectiveFormat: {
                    numberFormat: { type: 'DATE', pattern: 'yyyy-mm-dd' },
                    verticalAlignment: 'BOTTOM',
                  },
                },
              ],
            },
          ],
        },
      ],
      file: { version: '7' },
    });
  });
});
