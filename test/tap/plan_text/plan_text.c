/*
 * A library for 016_plan_text.pl: every plan is written and read, as for a parallel worker, and copied, as for a cached plan,
 * before it is run.
 */
#include "postgres.h"

#include "fmgr.h"
#include "nodes/nodes.h"
#include "nodes/plannodes.h"
#include "optimizer/planner.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

static planner_hook_type previous_planner = NULL;

static PlannedStmt *
plan_by_text(Query *parse, const char *query_string, int cursor_options, ParamListInfo params)
{
	PlannedStmt *plan = previous_planner ? previous_planner(parse, query_string, cursor_options, params)
		: standard_planner(parse, query_string, cursor_options, params);
	char	   *text = nodeToString(plan);

	if (strstr(text, "{CUSTOMSCAN") != NULL)
		elog(LOG, "read a plan with a custom scan from its text");
	return copyObject((PlannedStmt *) stringToNode(text));
}

void
_PG_init(void)
{
	previous_planner = planner_hook;
	planner_hook = plan_by_text;
}
