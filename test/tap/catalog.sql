-- Everything that the catalogs say of the extension, an object a line, with names for OIDs: two databases declare the same when the lines are equal.
-- Used by 015_upgrade.pl.
SET search_path = public, pg_catalog;
CREATE TEMP TABLE member AS
SELECT classid, objid FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery');
CREATE TEMP VIEW member_class AS
SELECT c.* FROM pg_class c JOIN member ON classid = 'pg_class'::regclass AND objid = c.oid;

SELECT 'extension', extversion, extrelocatable, extnamespace::regnamespace, extconfig::regclass[], extcondition
FROM pg_extension WHERE extname = 'maskquery';

SELECT 'member', pg_describe_object(classid, objid, 0) AS object FROM member ORDER BY object;

SELECT 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid) AS object, description
FROM pg_description d
WHERE (classoid, objoid) IN (SELECT classid, objid FROM member)
   OR classoid = 'pg_trigger'::regclass AND objoid IN (SELECT oid FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM member_class))
ORDER BY object;

SELECT 'depends', pg_describe_object(d.classid, d.objid, d.objsubid) AS object,
       pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS on_object, deptype
FROM pg_depend d
WHERE (d.classid, d.objid) IN (SELECT classid, objid FROM member)
   OR (d.refclassid, d.refobjid) IN (SELECT classid, objid FROM member)
      -- Toast tables and the types of rows are named by OID.
      AND pg_describe_object(d.classid, d.objid, d.objsubid) !~ 'pg_toast'
ORDER BY object, on_object, deptype;

SELECT 'function', p.oid::regprocedure AS object, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), prokind, lanname,
       procost, prorows, prosupport, prosecdef, proleakproof, proisstrict, proretset, provolatile, proparallel, proconfig, prosrc, probin,
       proowner::regrole, proacl::text
FROM pg_proc p JOIN pg_language l ON l.oid = prolang
WHERE p.oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass) ORDER BY p.oid::regprocedure::text;

SELECT 'aggregate', aggfnoid::regprocedure, aggkind, aggnumdirectargs, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn,
       aggmtransfn, aggminvtransfn, aggmfinalfn, aggfinalextra, aggmfinalextra, aggfinalmodify, aggsortop, aggtranstype::regtype,
       aggtransspace, agginitval
FROM pg_aggregate
WHERE aggfnoid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass) ORDER BY aggfnoid::regprocedure::text;

SELECT 'type', t.oid::regtype AS object, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, typdelim, typsubscript,
       typelem::regtype, typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typalign, typstorage, typnotnull,
       typcollation, typdefault, typowner::regrole, typacl::text
FROM pg_type t
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
   OR typelem IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass) ORDER BY t.oid::regtype::text;

SELECT 'operator', o.oid::regoperator AS object, oprkind, oprcanmerge, oprcanhash, oprresult::regtype, oprcom::regoperator,
       oprnegate::regoperator, oprcode, oprrest, oprjoin, oprowner::regrole
FROM pg_operator o WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_operator'::regclass) ORDER BY o.oid::regoperator::text;

SELECT 'class', opcname, amname, opfname, opcintype::regtype, opcdefault, opckeytype::regtype, opcowner::regrole
FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod JOIN pg_opfamily f ON f.oid = opcfamily
WHERE c.oid IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass) ORDER BY opcname, amname;

SELECT 'family operator', opfname, a.amname, amopstrategy, amoppurpose, amopopr::regoperator
FROM pg_amop JOIN pg_opfamily f ON f.oid = amopfamily JOIN pg_am a ON a.oid = opfmethod
WHERE f.oid IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass) ORDER BY opfname, amname, amopstrategy;

SELECT 'family function', opfname, a.amname, amprocnum, amproclefttype::regtype, amprocrighttype::regtype, amproc::regprocedure
FROM pg_amproc JOIN pg_opfamily f ON f.oid = amprocfamily JOIN pg_am a ON a.oid = opfmethod
WHERE f.oid IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass) ORDER BY opfname, amname, amprocnum;

SELECT 'access method', amname, amhandler, amtype FROM pg_am
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_am'::regclass) ORDER BY amname;

SELECT 'cast', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod FROM pg_cast
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_cast'::regclass) ORDER BY castsource::regtype::text, casttarget::regtype::text;

SELECT 'relation', oid::regclass AS object, relkind, relpersistence, relowner::regrole, relacl::text, relrowsecurity, reloptions,
       CASE WHEN relkind = 'v' THEN pg_get_viewdef(oid) END
FROM member_class ORDER BY oid::regclass::text;

SELECT 'column', attrelid::regclass AS object, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attacl::text,
       pg_get_expr(adbin, adrelid)
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid IN (SELECT oid FROM member_class) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum;

SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid IN (SELECT oid FROM member_class) ORDER BY conrelid::regclass::text, conname;

SELECT 'index', indrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN (SELECT oid FROM member_class) ORDER BY indexrelid::regclass::text;

SELECT 'trigger', tgrelid::regclass, pg_get_triggerdef(oid), tgenabled FROM pg_trigger
WHERE tgrelid IN (SELECT oid FROM member_class) ORDER BY tgname;

SELECT 'event trigger', evtname, evtevent, evtfoid::regprocedure, evtenabled, evttags FROM pg_event_trigger
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_event_trigger'::regclass) ORDER BY evtname;

SELECT 'initial privileges', pg_describe_object(classoid, objoid, objsubid) AS object, privtype, initprivs::text
FROM pg_init_privs WHERE (classoid, objoid) IN (SELECT classid, objid FROM member) ORDER BY object;
