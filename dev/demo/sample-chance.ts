/**
 * Chance that falls the same way every time: a hash of a row's number and a salt, below a bound. PostgreSQL's hash
 * of a bigint has no seed of its own, so two loads give the same rows.
 */
export const CREATE_CHANCE = `
create or replace function pg_temp.chance(row_number bigint, salt bigint, below bigint) returns bigint
language sql immutable
return (hashint8extended(row_number, salt) & 9007199254740991) % below;

-- The square of an even chance: small numbers are frequent. Whole numbers only, as floats may differ by machine.
create or replace function pg_temp.skewed_chance(row_number bigint, salt bigint, below bigint) returns bigint
language sql immutable
return (pg_temp.chance(row_number, salt, 1048576) * pg_temp.chance(row_number, salt, 1048576) * below) >> 40;
`;

/** When the sample's history ends. Fixed, or two loads would differ. */
export const SAMPLE_NOW = '2026-03-31 17:30:00+00';
