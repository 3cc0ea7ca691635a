# The core without a server: unit tests, fuzzers, benchmarks. Needs g++, libgtest-dev, libblosc-dev, libpng-dev; clang for the
# fuzzers. Included by the Makefile.

CORE_GOALS = unit
CORE_SOURCES = $(sort $(wildcard src/core/*.cpp src/core/*/*.cpp))
CORE_HEADERS = $(wildcard src/core/*.h src/core/*/*.h)
CORE_CXXFLAGS = -std=c++17 -fopenmp -Isrc -Wall -Wextra
CORE_LIBS = -lblosc -lpng

# Unit tests: one program of all test/unit/*.cpp. -O2, since AddressSanitizer finds the same faults and the tests are many.
UNIT_FLAGS = $(CORE_CXXFLAGS) -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
UNIT_OBJECTS = $(patsubst %.cpp,build/unit/%.o,$(CORE_SOURCES) $(sort $(wildcard test/unit/*.cpp)))

build/unit/%.o: %.cpp $(CORE_HEADERS) $(wildcard test/unit/*.h)
	@mkdir -p $(@D)
	g++ $(UNIT_FLAGS) -c $< -o $@

build/unit/run: $(UNIT_OBJECTS)
	g++ $(UNIT_FLAGS) $^ -o $@ -lgtest $(CORE_LIBS)

.PHONY: unit
unit: build/unit/run
	build/unit/run --gtest_brief=1
