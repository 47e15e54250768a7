# headroom: every command that a person or CI runs. `make help` lists them.
# Options: CC=clang  SAN=address,undefined  VERIFY=1 (costly self-checks)  LTO=1 (faster program, slower links)  V=1 (show commands)  B=build
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
CC      := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
B       ?= build
prefix  ?= /usr/local
bindir  ?= $(prefix)/bin
datadir ?= $(prefix)/share
mandir  ?= $(datadir)/man
OPT     ?= $(if $(LTO),-O3,-O2)
# Instrumented code makes gcc see truncations and unset values that are not there: its warnings are for plain builds.
WERROR  ?= $(if $(SAN),-w,-Werror)
Q       := $(if $(V),,@)
VERSION := 0.1.0

WARN  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
# What is set to zero here is a struct of some 100 bytes, a few times an event: `rep stos`, gcc's choice for them, takes as long to begin.
STORES := -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign
STORES := $(if $(findstring gcc,$(CC)),$(if $(findstring x86_64,$(shell $(CC) -dumpmachine)),$(STORES)))
HARD  := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
# No contraction and no fast math: the same doubles on every compiler, or results would differ.
FP    := -ffp-contract=off -fno-fast-math
# Across files: the event loop, the log and the hosts are many small functions. The same doubles, so the same results.
LTO_FLAGS := $(if $(LTO),-flto$(if $(findstring gcc,$(CC)),=auto))
PKGS  := gsl yaml-0.1 jansson zlib liblz4 libzstd
# `headroom measure` is there where librdkafka's headers are.
RDKAFKA := $(shell pkg-config --exists rdkafka 2>/dev/null && echo -lrdkafka)
ALL_CFLAGS := -std=gnu11 -I. $(OPT) -g -pthread $(WARN) $(HARD) $(FP) $(STORES) -D_GNU_SOURCE \
	-DHEADROOM_VERSION='"$(VERSION)"' -DHEADROOM_DATADIR='"$(datadir)/headroom"' \
	$(LTO_FLAGS) $(if $(RDKAFKA),-DHAVE_RDKAFKA=1) $(if $(VERIFY),-DVERIFY=1) $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(if $(LTO),$(OPT) $(LTO_FLAGS)) -pie -Wl,-z,relro,-z,now -pthread $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
LIBS_CODEC := -lz -lsnappy -llz4 -lzstd
LIBS_MODEL := -lyaml -ljansson -lgsl -lgslcblas $(RDKAFKA) -lm

# A folder decides the library; main.c is the program alone.
SIM_SRC    := $(sort $(wildcard sim/*.c))
BROKER_SRC := $(sort $(wildcard broker-core/*.c broker-core/*/*.c))
MODEL_SRC  := $(filter-out model/cli/main.c $(if $(RDKAFKA),,model/cli/cmd_measure.c model/measure/kafka_%.c),\
	$(sort $(wildcard model/*/*.c)))
TESTS      := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/*/test_*.c tests/*/*/test_*.c)))
BENCHES    := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/bench/bench_*.c)))
FUZZERS    := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
INTEROP    := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/interop/interop_*.c)))
SUPPORT    := $(sort $(wildcard tests/support/*.c))

obj = $(patsubst %.c,$(B)/%.o,$(1))
LIBSIM    := $(B)/libsim.a
LIBBROKER := $(B)/libbroker.a
LIBMODEL  := $(B)/libmodel.a

all: $(if $(wildcard model/cli/main.c),$(B)/headroom) ## build the program

$(LIBSIM): $(call obj,$(SIM_SRC))
$(LIBBROKER): $(call obj,$(BROKER_SRC))
$(LIBMODEL): $(call obj,$(MODEL_SRC))
$(B)/%.a:
	$(Q)rm -f $@; $(if $(LTO),$(if $(findstring clang,$(CC)),llvm-ar,gcc-ar),ar) qcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/headroom: $(B)/model/cli/main.o $(LIBMODEL) $(LIBBROKER) $(LIBSIM)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_MODEL) $(LIBS_CODEC)

# Each test links only what its folder may know, so that broken layering fails to link.
# tests/sim and tests/broker-core: one library. Everything else: all three.
$(B)/tests/sim/test_%: $(B)/tests/sim/test_%.o $(LIBSIM)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lm
$(B)/tests/broker-core/test_%: $(B)/tests/broker-core/test_%.o $(filter %/broker_fixture.o,$(call obj,$(SUPPORT))) $(LIBBROKER)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS_CODEC)
$(B)/tests/determinism/%: $(B)/tests/determinism/%.o $(LIBMODEL) $(LIBBROKER) $(LIBSIM)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_MODEL) $(LIBS_CODEC)
$(B)/tests/%: $(B)/tests/%.o $(call obj,$(SUPPORT)) $(LIBMODEL) $(LIBBROKER) $(LIBSIM)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS_MODEL) $(LIBS_CODEC)

test: .setup-done all $(TESTS) ## run every test (installs what is missing first)
	$(Q)HEADROOM=$(B)/headroom .ci/run-tests $(TESTS)

tests: $(TESTS) $(BENCHES) $(FUZZERS)

demo: .setup-done all ## run the quickstart; its page is then out/quickstart/report.html
	$(Q)$(B)/headroom run scenarios/quickstart.yaml; rc=$$?; [ $$rc = 0 ] || [ $$rc = 4 ] || [ $$rc = 5 ]

plots: all ## draw the figures of out/quickstart again, after a change in plots/
	$(Q)[ -f out/quickstart/result.json ] || { $(MAKE) --no-print-directory demo; }
	$(Q)$(B)/headroom plot out/quickstart

# The folder that the program looks in when it was moved away from its data.
$(B)/.datadir: FORCE
	@mkdir -p $(@D); echo '$(datadir)' | cmp -s - $@ || echo '$(datadir)' >$@
$(B)/model/cli/datadir.o: $(B)/.datadir
# The program's tables tell whether it can measure.
$(B)/.rdkafka: FORCE
	@mkdir -p $(@D); echo '$(RDKAFKA)' | cmp -s - $@ || echo '$(RDKAFKA)' >$@
$(B)/model/cli/commands.o $(B)/model/cli/options.o $(B)/model/cli/main.o: $(B)/.rdkafka
FORCE:

install: all ## DESTDIR= prefix=/usr/local: program, scenarios, plots, man page, completion
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(datadir)/headroom/plots $(DESTDIR)$(mandir)/man1 \
	    $(DESTDIR)$(datadir)/bash-completion/completions
	install -m 755 $(B)/headroom $(DESTDIR)$(bindir)/headroom
	(cd scenarios && find . -type f) | while read -r f; do \
	    install -D -m 644 "scenarios/$$f" "$(DESTDIR)$(datadir)/headroom/scenarios/$$f" || exit 1; done
	install -m 644 plots/*.gp plots/page.html $(DESTDIR)$(datadir)/headroom/plots
	$(B)/headroom --man >$(DESTDIR)$(mandir)/man1/headroom.1
	$(B)/headroom --completion bash >$(DESTDIR)$(datadir)/bash-completion/completions/headroom

uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(bindir)/headroom $(DESTDIR)$(mandir)/man1/headroom.1 \
	    $(DESTDIR)$(datadir)/bash-completion/completions/headroom
	rm -rf $(DESTDIR)$(datadir)/headroom

bench: .setup-done ## one JSON line a benchmark, each beside its yardstick; built with LTO=1
	$(Q)$(MAKE) --no-print-directory LTO=1 B=$(B)/lto bench-here

bench-here: $(BENCHES)
	$(Q)for b in $(BENCHES); do $$b || exit 1; done

bench-small: .setup-done all $(BENCHES)
	$(Q)for b in $(BENCHES); do $$b --small || exit 1; done

# The commit is the seed: what is tried changes from commit to commit, and a failure can be repeated from it.
FUZZ_SECONDS ?= 60
FUZZ_SEED    ?= $(shell git rev-parse --short=8 HEAD 2>/dev/null || echo 1)
fuzz: .setup-done $(FUZZERS) ## any bytes into every reader, FUZZ_SECONDS in all
	$(Q)n=$(words $(FUZZERS)); for f in $(FUZZERS); do \
	    $$f -seconds $$(( ($(FUZZ_SECONDS) + n - 1) / n )) -seed 0x$(FUZZ_SEED) || exit 1; done

scenarios: .setup-done all $(B)/tests/scenarios/shipped ## run every shipped scenario: does it show what it says?
	$(Q)$(B)/tests/scenarios/shipped

interop: .setup-done all $(INTEROP) ## against Apache Kafka's own tools and broker (installs a JDK and Kafka)
	$(Q)B=$(B) tests/interop/run

determinism: .setup-done ## the same bytes from every compiler, optimisation and number of threads
	$(Q).ci/setup clang && B=$(B) tests/determinism/run

lint: all ## arrows, forbidden calls, headers alone, formatting
	$(Q)B=$(B) CC=$(CC) .ci/lint

.PHONY: .setup-done
.setup-done:
	$(Q).ci/setup

clean: ## remove everything that was built
	rm -rf $(B) out

format: ## rewrite the sources with clang-format
	clang-format -i $$(git ls-files '*.c' '*.h')

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

.PHONY: all demo plots install uninstall FORCE test tests bench bench-here bench-small fuzz interop determinism lint clean format help
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
