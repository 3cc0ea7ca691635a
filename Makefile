# maskquery: a PGXS extension. `make`, `make install`, `make installcheck` as everywhere; PG_CONFIG chooses the server.
# `make test`, `make demo`, `make bench` do everything from a bare Debian (see test/, demo/, bench/).

EXTENSION = maskquery
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" maskquery.control)

MODULE_big = maskquery
SOURCES = $(sort $(shell find src -name '*.cpp'))
OBJS = $(SOURCES:.cpp=.o)

# Each capability's SQL stands beside its C++; this is the order in which the install script declares them.
SQL_PARTS = src/types/roi/roi.sql src/types/mask/mask.sql src/types/mask/convert/convert.sql src/functions/access.sql src/types/mask/ops.sql \
	src/types/mask/aggregate.sql src/functions/cp.sql src/functions/pixel_sum.sql src/functions/mask_iou.sql \
	src/stats/stats.sql src/chi/chi.sql src/plan/planner.sql src/plan/catalog/monotone.sql
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
# Scripts of released versions, never edited, and those that update from one to the next (CONTRIBUTING.md, "Versions").
DATA = $(sort $(wildcard sql/$(EXTENSION)--*.sql))

REGRESS = $(patsubst sql/%.sql,%,$(filter-out $(DATA),$(sort $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=maskquery

# The tests' queries look expensive to the planner and are not: compiling them would take most of the time.
installcheck: export PGOPTIONS += -c jit=off

# -fvisibility=hidden: every extension shares one process, so only what PostgreSQL calls is exported. PostgreSQL 15 leaves
# PGDLLEXPORT empty on ELF unless predefined. -Wno-register: PostgreSQL 15's headers; -Wno-missing-format-attribute: PostgreSQL
# turns that on, and g++ then asks for the attribute where it stands (core/base/error.h).
MQ_CXXFLAGS = -std=c++17 -O3 -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra \
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-register -Wno-missing-format-attribute
PG_CPPFLAGS = -Isrc -DPGDLLEXPORT='__attribute__((visibility("default")))'
# A server with assertions gets those of the core, too (core/base/assert.h).
ASSERTIONS := $(if $(shell grep -s 'define USE_ASSERT_CHECKING 1' "$$($(or $(PG_CONFIG),pg_config) --includedir-server)/pg_config.h"),-DMQ_ASSERTIONS)
# -MMD: each object brings a list of the headers that it was made from.
PG_CXXFLAGS = $(MQ_CXXFLAGS) $(ASSERTIONS) -MMD -MP $(WERROR)
SHLIB_LINK = -lstdc++ -lblosc -lpng -Wl,--version-script=src/pg/exports.map
EXTRA_CLEAN = build output_iso $(OBJS:.o=.d)

# Inlining extension code into queries by JIT gains nothing here and would need clang for every build.
override with_llvm = no

.DEFAULT_GOAL = all
include core.mk

# These start on a machine that may have neither a compiler nor PostgreSQL: scripts install, build and run (PG_CONFIG is passed on).
BOOTSTRAP = demo test test-assert test-matrix bench bench-peers reference
.PHONY: $(BOOTSTRAP) print-cxxflags print-variable

# Neither these nor the core's own goals (core.mk) need a server.
ifneq ($(filter-out $(BOOTSTRAP) print-cxxflags print-variable $(CORE_GOALS),$(or $(MAKECMDGOALS),all)),)
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
endif

# Concurrent sessions, against a running server as installcheck.
ISOLATION_SPECS = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
.PHONY: isolation
isolation:
	$(dir $(PGXS))../test/isolation/pg_isolation_regress --bindir='$(bindir)' --inputdir=test/isolation \
		--outputdir=output_iso --load-extension=maskquery --dbname=isolation_regression_maskquery $(ISOLATION_SPECS)

demo:
	demo/run
test:
	test/run
test-assert:
	test/matrix/assert
test-matrix:
	test/matrix/run
bench:
	bench/run
bench-peers:
	bench/run peers
reference:
	test/reference/update

# For checks: the flags of a compiler that they call themselves, the lists of what is built.
print-cxxflags:
	@echo "$(MQ_CXXFLAGS) -Isrc"
print-variable:
	@echo "$($(NAME))"

$(DATA_built): $(SQL_PARTS) maskquery.control
	@printf '%s\n' '\echo Use "CREATE EXTENSION maskquery" to load this file. \quit' > $@.tmp
	@for f in $(SQL_PARTS); do echo; echo "-- $$f"; cat $$f; done >> $@.tmp
	@mv $@.tmp $@

$(OBJS): Makefile
-include $(OBJS:.o=.d)
