# `make run` and `make test` set up everything they need by themselves; see installers/setup.sh.
.DEFAULT_GOAL := help
.PHONY: help run test lint format check lock sync deb screenshots demo-model clean setup-run \
	setup-dev

BIN := .venv/bin
ARGS ?=
TESTS ?=
SET ?= run
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
DEMO_FOLDER ?= $(HOME)/.cache/nacre/demo-model
DEMO_OUT = $(DEMO_FOLDER)/export

help:
	@echo 'make run [ARGS="watch demo"]   start Nacre; GPU=cuda|vulkan|metal for the language model'
	@echo 'make test [TESTS=tests/engine] run the tests'
	@echo 'make lint                      formatting, lint, types, layers'
	@echo 'make check                     lint and test'
	@echo 'make format                    put the source in its format'
	@echo 'make screenshots               pictures of every page, dark and light'
	@echo 'make demo-model                train the demo model anew (hours; goes on where it stood)'
	@echo 'make deb                       build dist/nacre_VERSION_ARCH.deb'
	@echo 'make lock                      write the lock files anew'
	@echo 'make sync SET=run|gpu|train|dev  set up .venv with one set of packages'
	@echo 'make clean                     remove what was built, .venv too'

setup-run:
	@sh installers/setup.sh run

# What `make run` compiles behind the window is compiled before the tests.
setup-dev:
	@sh installers/setup.sh dev
	@sh installers/setup.sh model

sync:
	@sh installers/setup.sh $(SET)

# What has to be compiled is compiled behind the open window: see app/model_build.py.
run: setup-run
	@NACRE_MODEL_BUILD=1 $(BIN)/nacre $(ARGS)

test: setup-dev
	@$(BIN)/pytest $(TESTS)

# Every check runs, so that one run tells everything there is to mend.
lint: setup-dev
	@failed=; \
	for check in 'ruff format --check .' 'ruff check .' pyright lint-imports; do \
		echo "== $$check"; \
		$(BIN)/$$check || failed="$$failed [$$check]"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

check: lint test

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: setup-dev
	$(BIN)/python -m tests.screenshots

# The lessons are drawn by processes beside the training. TRAIN_ARGS reaches every stage of the
# language model, CELLS_ARGS, TEXT_ARGS, NEAR_ARGS and ALL_ARGS one each: the vision tower, looking
# up names and times in text alone, questions about short prompts, and about prompts of all shapes.
# EYES_ARGS reaches the two networks that find figures and tell their looks, POSES_ARGS the one that
# tells how they stand.
demo-model: TEACH = nice $(BIN)/python -m models.demo.teach_
demo-model: IN = --folder $(DEMO_FOLDER)
demo-model: ALL_CORES = --processes $(CORES) $(TRAIN_ARGS)
demo-model:
	@sh installers/setup.sh train
	@sh installers/setup.sh model
	$(TEACH)cells $(IN) --minutes 40 $(ALL_CORES) $(CELLS_ARGS)
	$(TEACH)answers $(IN) --drill --shapes text --batch 4 --minutes 20 $(ALL_CORES) $(TEXT_ARGS)
	$(TEACH)answers $(IN) --drill --shapes text last-1 last-4 --minutes 50 $(ALL_CORES) $(NEAR_ARGS)
	$(TEACH)answers $(IN) --drill --fall 1 --minutes 90 $(ALL_CORES) $(ALL_ARGS)
	$(TEACH)boxes $(IN) $(EYES_ARGS)
	$(TEACH)poses $(IN) $(POSES_ARGS)
	$(BIN)/python -m models.demo.export $(IN) --out $(DEMO_OUT)
	$(BIN)/python -m models.demo.compare $(IN) --out $(DEMO_OUT)
	$(BIN)/python -m models.demo.evaluate $(IN) --split dev --card $(DEMO_OUT)/MODEL_CARD.md
	$(BIN)/python -m app eval demo-model $(DEMO_OUT)

deb: setup-dev
	$(BIN)/python installers/linux/build_deb.py

lock: setup-dev
	@sh installers/lock.sh "$$(command -v .uv/bin/uv || command -v uv)"

clean:
	rm -rf .venv .uv build dist .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
