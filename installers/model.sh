# Read by setup.sh for `setup.sh model`: compiles llama-cpp-python, the engine of the language model,
# and puts it into .venv. That takes minutes, so `make run` does it behind the open window.
#
# GPU=cuda|vulkan|metal|cpu chooses what it computes on; unset: what is there already, else cpu.
# In .venv: nacre-model (what is installed), nacre-model.state (how a build stands, for `nacre
# doctor`), nacre-model.log (what the compiler said), model-build-* (what is compiled so far).

engine=.venv/nacre-model
recipe=  # cmake's arguments

choose_recipe() {
    kept=$(cut -d ' ' -f 1 "$engine" 2>/dev/null || true)
    gpu=${GPU:-${kept:-cpu}}
    # Portable: it may run on another machine than it was made on. AVX2 came in 2013.
    recipe=-DGGML_NATIVE=OFF
    case $(uname -m) in
        x86_64 | amd64)
            for set in SSE42 AVX AVX2 FMA F16C BMI2; do recipe="$recipe;-DGGML_$set=ON"; done ;;
    esac
    case $gpu in
        cpu) ;;
        # For the card that is here; for every card it would take an hour.
        cuda)
            PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin
            recipe="$recipe;-DGGML_CUDA=ON;-DCMAKE_CUDA_ARCHITECTURES=native" ;;
        vulkan) recipe="$recipe;-DGGML_VULKAN=ON" ;;
        metal) recipe="$recipe;-DGGML_METAL=ON" ;;
        *) stop "GPU=$gpu is not known; it is cuda, vulkan, metal or cpu" ;;
    esac
}

engine_key() {
    echo "$gpu $( (echo "$recipe"; cat "$locks/model.txt") | sha256sum | cut -c 1-32)"
}

engine_in_step() {
    [ -f "$engine" ] && [ "$(cat "$engine")" = "$(engine_key)" ] && engine_there
}

engine_there() {  # setting up the rest takes away what is in no other lock
    for there in .venv/lib/python3*/site-packages/llama_cpp; do [ -d "$there" ] && return 0; done
    return 1
}

stand() { printf '%s\n' "$*" >"$engine.state"; }

give_up() {  # SENTENCE
    stand "failed $1"
    stop "the language model engine could not be prepared. $1"
}

missing_tool() {  # the sentence about a tool that cannot be had any other way; none: all are there
    command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
        { echo "A C++ compiler is missing: sudo apt-get install g++"; return; }
    case $gpu in
        cuda)
            command -v nvcc >/dev/null || [ -n "${CUDACXX:-}" ] ||
                echo "GPU=cuda needs nvcc, of NVIDIA's CUDA toolkit: on the PATH or in CUDA_HOME." ;;
        vulkan) missing_vulkan ;;
        metal) [ "$(uname -s)" = Darwin ] || echo "GPU=metal needs a Mac." ;;
    esac
}

missing_vulkan() {
    header=
    for folder in "${VULKAN_SDK:-/usr}" /usr /usr/local /opt/homebrew; do
        [ -n "$header" ] || [ ! -f "$folder/include/vulkan/vulkan_core.h" ] ||
            header=$folder/include/vulkan/vulkan_core.h
    done
    if [ -z "$header" ] || ! command -v glslc >/dev/null; then
        echo "GPU=vulkan needs glslc and Vulkan's headers:" \
            "sudo apt-get install glslc libvulkan-dev spirv-headers"
    elif ! grep -q VK_EXT_layer_settings "$header"; then
        echo "GPU=vulkan needs newer Vulkan headers than $header. Debian 13 has them; where the" \
            "system has none, unpack the Vulkan SDK and name its folder in VULKAN_SDK."
    fi
}

follow() {  # uv's words go into the log, each new percent to whoever looks
    code=1
    shown=
    while IFS= read -r line; do
        case $line in "exit code "*) code=${line#exit code } ; continue ;; esac
        printf '%s\n' "$line" >>"$engine.log"
        line=${line#DEBUG }
        case $line in "["[0-9]*/[0-9]*"] "*) ;; *) continue ;; esac
        ready=${line#?} total=${line#*/}
        ready=${ready%%/*} total=${total%%\]*}
        case $ready$total in *[!0-9]*) continue ;; esac
        percent=$((ready * 100 / total))
        [ "$percent" != "$shown" ] || continue
        shown=$percent
        stand "building $percent $$"
        say "preparing the language model engine: $percent %"
    done
    return "$code"
}

install_engine() {  # further options of uv
    {
        # What is compiled stays if this is broken off, and the next build goes on from there.
        SKBUILD_BUILD_DIR=$PWD/.venv/model-build-$gpu nice -n 10 "$uv" pip install -v "$@" \
            --python .venv/bin/python --require-hashes --build-constraints "$locks/build.txt" \
            --config-settings-package "llama-cpp-python:cmake.args=$recipe" \
            --requirements "$locks/model.txt" 2>&1 && code=0 || code=$?
        echo "exit code $code"
    } | follow
}

build_engine() {  # further options of uv
    # What was built before lies in uv's cache. Asked online, an index that does not say how long its
    # answers hold makes uv build all of it again.
    if ! install_engine --offline "$@"; then
        ! grep -q "Configuring CMake" "$engine.log" || give_up "$(why_failed)"
        install_engine "$@" || give_up "$(why_failed)"
    fi
}

why_failed() {
    absent=
    for tool in cmake ninja; do
        command -v $tool >/dev/null || absent="$absent $tool"
    done
    if grep -q "No space left on device" "$engine.log"; then
        echo "The disk is full."
    elif grep -q "Configuring CMake" "$engine.log"; then
        echo "The compiler stopped; what it said is in $PWD/$engine.log"
    elif [ -n "$absent" ]; then
        echo "Missing, and not to be had from the package index:$absent. Install it with:" \
            "sudo apt-get install cmake ninja-build"
    else
        echo "Its source could not be had; is there a connection? What was tried is in" \
            "$PWD/$engine.log"
    fi
}

alone() {  # waits until no other build is under way in this folder
    command -v flock >/dev/null || return 0
    exec 9>"$engine.lock"
    flock -n 9 && return 0
    say "another set-up prepares the language model engine; waiting for it"
    told=
    until flock -w 1 9; do
        percent=$(sed -n 's/^building \([0-9]*\) .*/\1/p' "$engine.state" 2>/dev/null || true)
        [ "$percent" = "$told" ] || say "preparing the language model engine: $percent %"
        told=$percent
    done
}

nothing_to_do() {
    engine_in_step && rm -f "$engine.state"
}

prepare_engine() {
    [ -x .venv/bin/python ] || stop "there is no .venv yet: make run"
    choose_recipe
    nothing_to_do && return 0
    alone
    nothing_to_do && return 0
    sentence=$(missing_tool)
    [ -z "$sentence" ] || give_up "$sentence"
    uv=$(uv_path)
    python=$(find_python) || stop "Nacre needs Python 3.11 or newer."
    get_uv
    say "preparing the language model engine ($gpu): minutes, the first time"
    stand "building 0 $$"
    : >"$engine.log"
    if engine_there; then
        # The one that works is kept until the other is whole. (uv's own `--reinstall-package` would
        # compile it anew each time.)
        build_engine --target .venv/model-build-other
        "$uv" pip uninstall -q --python .venv/bin/python llama-cpp-python
    fi
    build_engine
    engine_key >"$engine"
    rm -rf "$engine.state" .venv/model-build-*
    say "the language model engine is ready"
}
