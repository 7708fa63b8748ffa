/** What Redshift has and PostgreSQL has not, made of what PostgreSQL has. For a superuser. */
export const REDSHIFT_TYPES = `
  create type super;
  create function super_in(cstring) returns super language internal immutable strict as 'json_in';
  create function super_out(super) returns cstring language internal immutable strict as 'json_out';
  create type super (input = super_in, output = super_out, like = text);
  create cast (super as text) without function;
  create cast (text as super) with inout;
  create function json_parse(text) returns super language sql immutable as 'select $1::super';
  create function super_to_json_(super) returns varchar language sql immutable as 'select $1::text';
  create function json_size(super) returns int language sql immutable as 'select octet_length($1::text)';

  create type varbyte;
  create function varbyte_in(cstring) returns varbyte language internal immutable strict as 'byteain';
  create function varbyte_out(varbyte) returns cstring language internal immutable strict as 'byteaout';
  create type varbyte (input = varbyte_in, output = varbyte_out, like = bytea);
  create cast (varbyte as bytea) without function;
  create cast (bytea as varbyte) without function;
  create function from_hex(text) returns varbyte language sql immutable as $$ select decode($1, 'hex')::varbyte $$;
  create function from_varbyte(varbyte, text) returns varchar language sql immutable as 'select encode($1::bytea, $2)';
  create function octet_length(varbyte) returns int language internal immutable strict as 'byteaoctetlen';

  create type geometry;
  create function geometry_in(cstring) returns geometry language internal immutable strict as 'textin';
  create function geometry_out(geometry) returns cstring language internal immutable strict as 'textout';
  create type geometry (input = geometry_in, output = geometry_out, like = text);
  create cast (geometry as text) without function;
  create cast (text as geometry) without function;
  create type geography;
  create function geography_in(cstring) returns geography language internal immutable strict as 'textin';
  create function geography_out(geography) returns cstring language internal immutable strict as 'textout';
  create type geography (input = geography_in, output = geography_out, like = text);
  create cast (geography as text) without function;
  create cast (text as geography) without function;
  -- Points only: enough to see what a column is asked for.
  create function st_geomfromtext(text) returns geometry language sql immutable as 'select $1::geometry';
  create function st_geogfromtext(text) returns geography language sql immutable as 'select $1::geography';
  create function point_as_geojson(text) returns varchar language sql immutable as $$
    select '{"type":"Point","coordinates":[' || replace(substring($1 from '\\((.*)\\)'), ' ', ',') || ']}' $$;
  create function st_asgeojson(geometry) returns varchar language sql immutable as
    'select point_as_geojson($1::text)';
  create function st_asgeojson(geography) returns varchar language sql immutable as
    'select point_as_geojson($1::text)';

  create type hllsketch;
  create function hllsketch_in(cstring) returns hllsketch language internal immutable strict as 'textin';
  create function hllsketch_out(hllsketch) returns cstring language internal immutable strict as 'textout';
  create type hllsketch (input = hllsketch_in, output = hllsketch_out, like = text);

  create view sys_unload_history as
    select pid as session_id, 'running'::text as status,
           substring(query from '^/\\* unload to (\\S+) ') as unloaded_location
    from pg_stat_activity where state = 'active' and query like '/* unload to %';
  grant select on sys_unload_history to public;`;

/** OIDs in Redshift of what REDSHIFT_TYPES makes. */
const OIDS: Readonly<Record<string, number>> = {
  super: 4000,
  varbyte: 6551,
  // In results; in its catalog it is 3000.
  geometry: 3999,
  geography: 3001,
  hllsketch: 2935,
};

/** By the OID that a type has in PostgreSQL: its name and its OID in Redshift. */
export type RedshiftTypes = ReadonlyMap<number, { name: string; oid: number }>;

export async function redshiftTypes(
  query: (sql: string) => Promise<Record<string, unknown>[]>,
): Promise<RedshiftTypes> {
  const rows = await query(
    `select oid::int8::int as oid, typname as name from pg_type where typname in ('${Object.keys(OIDS).join("','")}')`,
  );
  return new Map(
    rows.map(({ name, oid }) => [Number(oid), { name: String(name), oid: OIDS[String(name)] ?? 0 }]),
  );
}

/**
 * The same for PostgreSQL, places in a query stay where they are: parameters that it has under no name become some that it takes under any, and
 * a function whose name is a keyword there gets another. A float gets 15 digits whatever is asked for, as from UNLOAD.
 */
export const asPostgresSql = (sql: string): string =>
  sql
    .replace(/^\s*set (describe_field_name_in_uppercase|query_group) to/i, 'set redshift.$1 to')
    .replace(/^\s*set extra_float_digits to \d+/i, 'set extra_float_digits to 0')
    .replaceAll('json_serialize(', 'super_to_json_(');
