import { describe, expect, it } from '@jest/globals';
import { valueWriter } from '../../mapping/value.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { escapeSpool } from '../../vocabulary/spool.ts';
import { wireType } from './wire-values.ts';

/** From the text of a row of Snowflake's JSON to the JSON of Segment. */
function sent(type: string, wire: string, scale: number | null = null): unknown {
  const known = wireType(type, scale);
  if (known === null) return null;
  const text = known.decode === null ? wire : known.decode(wire);
  return valueWriter({ name: 'value', kind: known.kind, sourceType: type })(escapeSpool(text));
}

describe('snowflake: a value of a row reaches Segment', () => {
  it.each([
    ['fixed', '9007199254740993', 0, '"9007199254740993"'],
    ['fixed', '-99999999999999999999999999999999999999', 0, '"-99999999999999999999999999999999999999"'],
    ['fixed', '0.30000000000000001', 17, '"0.30000000000000001"'],
    ['real', '1.000000000000000e+300', null, '1e+300'],
    ['real', '-0.1', null, '-0.1'],
    ['real', 'inf', null, { invalid: 'not_finite' }],
    ['real', '-inf', null, { invalid: 'not_finite' }],
    ['real', 'NaN', null, { invalid: 'not_finite' }],
    ['real', '3.0000000000000004E-01', null, '0.30000000000000004'],
    ['real', 'INF', null, { invalid: 'not_finite' }],
    ['real', '-INF', null, { invalid: 'not_finite' }],
    ['real', 'NAN', null, { invalid: 'not_finite' }],
    ['decfloat', '1.5E+400', null, '"1.5E+400"'],
    ['boolean', '1', null, 'true'],
    ['boolean', 'false', null, 'false'],
    ['date', '19782', null, '"2024-02-29"'],
    ['date', '-1', null, '"1969-12-31"'],
    ['date', '-719162', null, '"0001-01-01"'],
    ['date', '-719163', null, { invalid: 'timestamp_out_of_range' }],
    ['date', '2932897', null, { invalid: 'timestamp_out_of_range' }],
    ['time', '45296.123456789', 9, '"12:34:56.123456789"'],
    ['time', '0.000000000', 9, '"00:00:00"'],
    ['timestamp_ntz', '1709251199.123456789', 9, '"2024-02-29T23:59:59.123456789Z"'],
    ['timestamp_ltz', '1709251199.000000001', 9, '"2024-02-29T23:59:59.000000001Z"'],
    ['timestamp_tz', '1709251199.100000000 1560', 9, '"2024-02-29T23:59:59.1Z"'],
    ['timestamp_ntz', '-0.500000000', 9, '"1969-12-31T23:59:59.5Z"'],
    ['timestamp_ntz', '-1.000000001', 9, '"1969-12-31T23:59:58.999999999Z"'],
    ['timestamp_ntz', '-86400', 0, '"1969-12-31T00:00:00Z"'],
    ['binary', 'DEADBEEF', null, '"3q2+7w=="'],
    ['binary', '', null, '""'],
    ['variant', '"a\\tb"', null, '"a\\tb"'],
    ['map', '{"a":9007199254740993}', null, '{"a":"9007199254740993"}'],
    ['vector', '[1.5,-2]', null, '[1.5,-2]'],
    ['geography', '{"coordinates":[1.25,2],"type":"Point"}', null, '{"coordinates":[1.25,2],"type":"Point"}'],
    ['object', '{"coordinates":[1,2],"type":"Point"}', null, '{"coordinates":[1,2],"type":"Point"}'],
    ['variant', '<a>1</a>', null, { invalid: 'json_invalid' }],
  ])('%s %s', (type, wire, scale, json) => {
    expect(sent(type, wire, scale)).toEqual(json);
  });

  it.each([
    ['real', 'one'],
    ['boolean', 'yes'],
    ['date', '2024-02-29'],
    ['timestamp_ntz', '2024-02-29 00:00:00'],
    ['timestamp_tz', '28004369399000000'],
    ['binary', '3q2+7w=='],
  ])('but not one of another form: %s %s', (type, wire) => {
    expect(() => sent(type, wire)).toThrow(BackhaulError);
  });

  it('but not one of a type that is not known', () => {
    expect(wireType('interval_day_time', null)).toBeNull();
    expect(wireType('constructor', null)).toBeNull();
  });
});
