-- Run once, by psql, when the data volume is new: a role and databases for each of the two that keep data here.
-- On a PostgreSQL of your own, run it by hand with the two variables set.
\set ON_ERROR_STOP on
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv backhaul_password BACKHAUL_DB_PASSWORD

create role temporal login password :'temporal_password';
create role backhaul login password :'backhaul_password';

create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database backhaul owner backhaul;

-- Every role may connect to every database otherwise.
revoke all on database temporal, temporal_visibility, backhaul from public;
