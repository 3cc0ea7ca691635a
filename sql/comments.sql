-- Every object of the extension carries a comment; docs/reference.md prints them.
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend d
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND obj_description(d.objid, d.classid::regclass::name) IS NULL
ORDER BY 1;

-- It is one line without a full stop, like those of PostgreSQL's own objects.
SELECT pg_describe_object(d.classid, d.objid, 0) AS ill_formed, obj_description(d.objid, d.classid::regclass::name)
FROM pg_depend d
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND (obj_description(d.objid, d.classid::regclass::name) ~ E'[\n]|\\.$'
       OR length(obj_description(d.objid, d.classid::regclass::name)) NOT BETWEEN 3 AND 150)
ORDER BY 1;
