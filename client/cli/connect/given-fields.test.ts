import { describe, expect, it } from '@jest/globals';
import { give, giveSet, type GivenFields } from './given-fields.ts';

const given = (field: string, answer: string): GivenFields => {
  const fields: GivenFields = { fields: {}, secrets: {} };
  give(fields, 'postgres', field, answer);
  return fields;
};
const set = (...settings: string[]): GivenFields => {
  const fields: GivenFields = { fields: {}, secrets: {} };
  giveSet(fields, 'postgres', settings);
  return fields;
};

describe('an answer', () => {
  it.each(['planted', 'plan${ted}', '$${planted}'])(
    'that is a secret is kept apart as it is: %j',
    (answer) => {
      expect(given('password', answer)).toEqual({
        fields: { password: '${secret:password}' },
        secrets: { password: answer },
      });
    },
  );

  it.each([
    ['password', '${PGPASSWORD}'],
    ['url', '${WAREHOUSE_URL}'],
    ['url', 'postgres://app:${PGPASSWORD}@db/app'],
  ])('of %s that refers to a variable for what is secret is none: %s', (field, answer) => {
    expect(given(field, answer)).toEqual({ fields: { [field]: answer }, secrets: {} });
  });

  it('that holds a password beside a reference would never have the reference replaced', () => {
    expect(() => given('url', 'postgres://app:planted@${HOST}/app')).toThrow(
      expect.objectContaining({ code: 'usage', where: expect.not.stringContaining('planted') }),
    );
  });
});

describe('--set', () => {
  it('takes a number as one, and a secret by reference alone', () => {
    expect(set('port=5433', 'password=${PGPASSWORD}').fields).toEqual({
      port: 5433,
      password: '${PGPASSWORD}',
    });
  });

  it.each(['password=planted', 'type=mysql', 'host'])('refuses %s', (setting) => {
    expect(() => set(setting)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('planted') }),
    );
  });
});
