import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** One address that clients ask for. */
export interface Question {
  name: string;
  method: 'GET' | 'POST';
  /** As the server's metrics name it. */
  route: string;
  path: () => string;
  body?: object;
}

export interface Asked {
  /** From the sending of the question to the last byte of its answer. */
  milliseconds: number[];
  /** How often which status came. */
  statuses: Map<number, number>;
}

/**
 * Asks the questions in turns at a steady rate, whether or not the ones before have been answered: a slow server gets no fewer.
 *
 * @returns what came of each, by its name
 */
export async function ask(
  questions: readonly Question[],
  { key, perSecond, seconds, url }: { url: string; key: string; perSecond: number; seconds: number },
): Promise<Map<string, Asked>> {
  const dispatcher = new Agent({ keepAliveTimeout: 60_000 });
  const asked = new Map(
    questions.map(({ name }): [string, Asked] => [name, { milliseconds: [], statuses: new Map() }]),
  );
  const one = async (question: Question): Promise<void> => {
    const { body, method, name } = question;
    const sentAt = performance.now();
    const answer = await request(`${url}${question.path()}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    await answer.body.dump();
    const found = asked.get(name);
    found?.milliseconds.push(performance.now() - sentAt);
    found?.statuses.set(answer.statusCode, (found.statuses.get(answer.statusCode) ?? 0) + 1);
  };
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < perSecond * seconds; index += 1) {
    await delay(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
    const question = questions[index % questions.length];
    if (question !== undefined) underWay.push(one(question));
  }
  await Promise.all(underWay);
  await dispatcher.close();
  return asked;
}
