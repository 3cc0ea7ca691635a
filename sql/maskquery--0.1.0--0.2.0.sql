\echo Use "ALTER EXTENSION maskquery UPDATE TO '0.2.0'" to load this file. \quit

-- From 0.1.0 to 0.2.0. What CREATE EXTENSION declares now and did not then, or otherwise; test/tap/015_upgrade.pl compares the catalogs.
