#!/bin/sh
# Writes the lock files anew from pyproject.toml: one a group, hashed, for every platform, without
# the address of any index, so that whichever index or mirror the machine is set up for serves them.
set -eu
cd "$(dirname "$0")/.."
uv=${1:?usage: lock.sh UV}
locks=installers/locks

compile() {  # NAME, then what `uv pip compile` reads
    name=$1
    shift
    "$uv" pip compile "$@" --output-file "$locks/$name.txt" \
        --universal --python-version 3.11 --generate-hashes --quiet \
        --no-emit-index-url --no-emit-find-links --no-annotate \
        --custom-compile-command "make lock"
    echo "$locks/$name.txt"
}

# The dev set comes first and the others are held to its versions, so that what was tested is what
# is installed everywhere. What is compiled here has a lock of its own: `setup.sh model` installs it.
compile dev pyproject.toml --group base --group dev --no-emit-package llama-cpp-python
compile model --group model --constraints "$locks/dev.txt"
compile run pyproject.toml --group base --constraints "$locks/dev.txt"
compile train pyproject.toml --group base --group train --constraints "$locks/dev.txt"
# faster-whisper asks for the plain onnxruntime, which would overwrite the other.
compile gpu pyproject.toml --group gpu --constraints "$locks/dev.txt" --no-emit-package onnxruntime
compile build "$locks/build.in"
compile uv "$locks/uv.in"
