# The core without a server: unit tests, fuzzers, benchmarks. Needs g++, libgtest-dev, libblosc-dev, libpng-dev; clang for the
# fuzzers. Included by the Makefile.

CORE_GOALS = unit fuzz bench-codec bench-kernels bench-bounds bench-topk bench-groups bench-shares bench-segments
CORE_SOURCES = $(sort $(shell find src/core -name '*.cpp'))
CORE_CXXFLAGS = -std=c++17 -Isrc -Wall -Wextra
# Each object brings a list of the headers that it was made from.
DEPEND = -MMD -MP
CORE_LIBS = -lblosc -lpng

# Unit tests: one program of all test/unit/*.cpp. -O2, since AddressSanitizer finds the same faults and the tests are many.
UNIT_FLAGS = $(CORE_CXXFLAGS) -DMQ_ASSERTIONS -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
UNIT_FILTER ?= *
UNIT_OBJECTS = $(patsubst %.cpp,build/unit/%.o,$(CORE_SOURCES) $(sort $(wildcard test/unit/*.cpp)))

build/unit/%.o: %.cpp core.mk
	@mkdir -p $(@D)
	g++ $(UNIT_FLAGS) $(DEPEND) -c $< -o $@

build/unit/run: $(UNIT_OBJECTS)
	g++ $(UNIT_FLAGS) $^ -o $@ -lgtest $(CORE_LIBS)

.PHONY: unit
unit: build/unit/run
	build/unit/run --gtest_brief=1 --gtest_filter='$(UNIT_FILTER)'

# Fuzzers: one program of each test/fuzz/*.cpp.
FUZZ_SECONDS ?= 20
FUZZ_FLAGS = -std=c++17 -Isrc -DMQ_ASSERTIONS -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZERS = $(patsubst test/fuzz/%.cpp,build/fuzz/%,$(sort $(wildcard test/fuzz/*.cpp)))

build/fuzz/%.o: %.cpp core.mk
	@mkdir -p $(@D)
	clang++ $(FUZZ_FLAGS) $(DEPEND) -c $< -o $@

build/fuzz/fuzz_%: build/fuzz/test/fuzz/fuzz_%.o $(patsubst %.cpp,build/fuzz/%.o,$(CORE_SOURCES))
	clang++ $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -o $@ $(CORE_LIBS)

# Not intermediate files: a second run is to start at once.
.SECONDARY: $(patsubst %.cpp,build/fuzz/%.o,$(CORE_SOURCES) $(wildcard test/fuzz/*.cpp))
.PHONY: fuzz
fuzz: $(FUZZERS)
	test/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

# Benchmarks of the core: figures for the README files beside the code. bench-codec also needs liblz4-dev and libzstd-dev.
BENCH_FLAGS = $(CORE_CXXFLAGS) -O3 -fopenmp
BENCH_OBJECTS = $(patsubst %.cpp,build/bench/%.o,$(CORE_SOURCES) bench/maps.cpp bench/families.cpp bench/load_order.cpp \
	bench/peers/paper_chi.cpp)
BENCH_DATA = data/wildcam-mini

build/bench/%.o: %.cpp core.mk
	@mkdir -p $(@D)
	g++ $(BENCH_FLAGS) $(DEPEND) -c $< -o $@

build/bench/codec build/bench/kernels build/bench/bounds build/bench/topk build/bench/groups build/bench/shares build/bench/segments build/bench/generate: build/bench/%: build/bench/bench/%.o $(BENCH_OBJECTS)
	g++ $(BENCH_FLAGS) $^ -o $@ $(CORE_LIBS) $(if $(findstring codec,$@),-llz4 -lzstd)
build/bench/paper: build/bench/bench/peers/paper.o $(BENCH_OBJECTS)
	g++ $(BENCH_FLAGS) $^ -o $@ $(CORE_LIBS)

.PHONY: bench-codec bench-kernels bench-bounds bench-topk bench-groups bench-shares bench-segments
bench-codec: build/bench/codec
	build/bench/codec $(BENCH_DATA)/cams.csv
bench-kernels: build/bench/kernels
	build/bench/kernels $(BENCH_DATA)
bench-bounds: build/bench/bounds
	build/bench/bounds $(BENCH_DATA) $(BENCH_STEP) $(BENCH_FILTERS)
bench-topk: build/bench/topk
	build/bench/topk $(BENCH_DATA) $(BENCH_STEP) $(BENCH_FILTERS)
bench-groups: build/bench/groups
	build/bench/groups $(BENCH_DATA) $(BENCH_STEP) $(BENCH_FILTERS)
bench-shares: build/bench/shares
	build/bench/shares $(BENCH_DATA) $(BENCH_STEP)
bench-segments: build/bench/segments
	build/bench/segments $(BENCH_DATA) $(BENCH_STEP) $(BENCH_ROWS)

-include $(shell find build -name '*.d' 2>/dev/null)
