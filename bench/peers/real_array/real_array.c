/*
 * The paper's PostgreSQL baseline (section 4.1): masks in a column of type real[], CP as a function in C.
 *
 * Pixels outside the box, and boxes outside the mask, count nothing. Ranges are compared as maskquery's cp compares them: in
 * float4, and uv = 1 includes pixels that equal 1; so that both give the same answers.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

PG_MODULE_MAGIC;

/* The pixels of a two-dimensional real[] without NULLs. */
static float4 *
pixels(ArrayType *mask, int *width, int *height)
{
	if (ARR_NDIM(mask) != 2 || ARR_HASNULL(mask) || ARR_ELEMTYPE(mask) != FLOAT4OID)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("a mask is a real[] of two dimensions without NULLs")));
	*height = ARR_DIMS(mask)[0];
	*width = ARR_DIMS(mask)[1];
	return (float4 *) ARR_DATA_PTR(mask);
}

/* real_cp(mask real[], x1, y1, x2, y2 integer, lv, uv double precision) */
PG_FUNCTION_INFO_V1(real_cp);
Datum
real_cp(PG_FUNCTION_ARGS)
{
	int			width,
				height;
	ArrayType  *mask = PG_GETARG_ARRAYTYPE_P(0);
	const float4 *p = pixels(mask, &width, &height);
	int			x1 = Max(PG_GETARG_INT32(1), 1);
	int			y1 = Max(PG_GETARG_INT32(2), 1);
	int			x2 = Min(PG_GETARG_INT32(3), width);
	int			y2 = Min(PG_GETARG_INT32(4), height);
	float4		lv = (float4) PG_GETARG_FLOAT8(5);
	float4		uv = PG_GETARG_FLOAT8(6) >= 1.0 ? 2.0f : (float4) PG_GETARG_FLOAT8(6);
	int			count = 0;

	for (int y = y1; y <= y2; y++)
	{
		const float4 *row = p + (size_t) (y - 1) * width;

		for (int x = x1 - 1; x < x2; x++)
			count += (row[x] >= lv) & (row[x] < uv);
	}
	PG_FREE_IF_COPY(mask, 0);
	PG_RETURN_FLOAT8(count);
}

/* Transition function of real_intersect: the pixel-wise minimum, in place where the state is the aggregate's own. */
PG_FUNCTION_INFO_V1(real_least);
Datum
real_least(PG_FUNCTION_ARGS)
{
	int			width,
				height,
				other_width,
				other_height;
	ArrayType  *state = AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0) : PG_GETARG_ARRAYTYPE_P_COPY(0);
	ArrayType  *mask = PG_GETARG_ARRAYTYPE_P(1);
	float4	   *a = pixels(state, &width, &height);
	const float4 *b = pixels(mask, &other_width, &other_height);

	if (width != other_width || height != other_height)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("masks of different sizes")));
	for (size_t i = 0; i < (size_t) width * height; i++)
		a[i] = Min(a[i], b[i]);
	PG_FREE_IF_COPY(mask, 1);
	PG_RETURN_ARRAYTYPE_P(state);
}
