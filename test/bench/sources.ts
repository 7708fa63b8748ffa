/**
 * `npm run bench:sources [-- -t TYPE]`: what a read costs. For each source the peak memory of a process that brings 100,000 and
 * then a million rows to rest, and rows per second of both; where the server is no stand-in, also rows per second of the
 * source alone and of the warehouse's own client with nobody who uses the rows, in turns. It judges nothing.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from '@jest/globals';
import type { ReadFigures, ReadOrder } from '../../bench/sources/read-source.ts';
import type { ResolvedModel } from '../../sources/source.ts';
import { resolvedConnection } from '../conformance/resolved-connection.ts';
import type { Service } from '../conformance/subject.ts';
import { subjects } from '../conformance/subjects.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';

const PATIENCE_MS = 30 * 60_000;
const ROUNDS = 3;
const MB = 1024 * 1024;
const READER = join(import.meta.dirname, '../../dist/bench/sources/read-source.js');
/** Their servers are real, so that a ratio to the bare client says something. */
const REAL = ['postgres', 'mysql', 'elasticsearch', 'databricks'];
const TEN = Array.from({ length: 10 }, (_, n) => `select ${n} as n`).join(' union all ');

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

for (const { type, start } of subjects) {
  it(
    type,
    async () => {
      const service = await startOrSkip(type, start);
      if (service === null) return;
      try {
        await measure(type, service);
      } finally {
        await service.close();
      }
    },
    PATIENCE_MS,
  );
}

async function measure(type: string, service: Service): Promise<void> {
  const million = (await service.million?.()) ?? tenTimes(service.models.rows);
  const order = (model: ResolvedModel, how: ReadOrder['how']): ReadOrder => ({
    connection: resolvedConnection(type, service.connection),
    allowedEndpoints: service.allowedEndpoints,
    model,
    how,
  });
  const small = await read(order(service.models.rows, 'snapshot'));
  const large = await read(order(million, 'snapshot'));
  tell(
    `${type}: to rest, ${small.rows} rows ${perSecond(small)}/s, peak ${megabytes(small)} MB; ` +
      `${large.rows} rows ${perSecond(large)}/s, peak ${megabytes(large)} MB, ` +
      `${(large.peakRssBytes / small.peakRssBytes).toFixed(2)} times the memory`,
  );
  if (!REAL.includes(type)) return;
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await read(order(million, 'bare'));
    const ours = await read(order(million, 'source'));
    ratios.push(bare.seconds / bare.rows / (ours.seconds / ours.rows));
    tell(`${type}: source ${perSecond(ours)}/s, bare client ${perSecond(bare)}/s`);
  }
  const median = ratios.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)];
  tell(`${type}: ${median?.toFixed(2)} of the bare client (median of ${ROUNDS})`);
}

/** A million rows out of the standard ones, in a dialect that all of them read. */
function tenTimes(model: ResolvedModel): ResolvedModel {
  if (!('sql' in model))
    throw new Error(`${model.name} is no SQL: its service has to say what a million rows are`);
  return { name: model.name, sql: `select u.* from (${model.sql}) u cross join (${TEN}) ten` };
}

const perSecond = ({ rows, seconds }: ReadFigures): string => Math.round(rows / seconds).toLocaleString('en');
const megabytes = ({ peakRssBytes }: ReadFigures): number => Math.round(peakRssBytes / MB);

/** In a process of its own, whose memory is that of this read. */
function read(order: ReadOrder): Promise<ReadFigures> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [READER], { maxBuffer: MB }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as ReadFigures);
      else reject(new Error(`the read failed: ${stderr.slice(-2000)}`, { cause: error }));
    });
    child.stdin?.end(JSON.stringify(order));
  });
}
