-- Every object of the extension carries a comment; docs/reference.md prints them.
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend d
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND obj_description(d.objid, d.classid::regclass::name) IS NULL
  -- From 17 on, arrays and the types of relations are members, too.
  AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
                  AND (t.typrelid <> 0 OR t.typsubscript = 'array_subscript_handler'::regproc))
ORDER BY 1;

-- So do the columns and triggers of its tables and views.
SELECT pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum) AS without_comment
FROM pg_attribute a JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = a.attrelid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL
UNION ALL
SELECT pg_describe_object('pg_trigger'::regclass, t.oid, 0)
FROM pg_trigger t JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = t.tgrelid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND obj_description(t.oid, 'pg_trigger') IS NULL
ORDER BY 1;

-- A comment is one line without a full stop, like those of PostgreSQL's own objects.
SELECT pg_describe_object(d.classid, d.objid, 0) AS ill_formed, obj_description(d.objid, d.classid::regclass::name)
FROM pg_depend d
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery')
  AND (obj_description(d.objid, d.classid::regclass::name) ~ E'[\n]|\\.$'
       OR length(obj_description(d.objid, d.classid::regclass::name)) NOT BETWEEN 3 AND 150)
ORDER BY 1;
