#!/bin/sh
# Makes the machine ready for `make run` (sets run, gpu, train) or `make test` (set dev): system
# libraries, Python, uv, and the locked environment in .venv; `model` adds the language model
# engine, which is compiled. Does only what is missing; when nothing is, it takes a fraction of a
# second.
set -eu
cd "$(dirname "$0")/.."

set_name=${1:?usage: setup.sh run|gpu|train|dev|model}
locks=installers/locks
stamp=.venv/nacre-set
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'nacre: %s\n' "$*"; }
stop() {
    printf 'nacre: %s\n' "$*" >&2
    exit 1
}

case $set_name in
    run | gpu | train | dev | model) ;;
    *) stop "there is no set '$set_name'; the sets are run, gpu, train, dev and model" ;;
esac

# --- system packages ------------------------------------------------------------------------

python_works() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
        if command -v "$candidate" >/dev/null && python_works "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

missing_from_list() {  # sections…: the packages of installers/linux/libraries.txt not there yet
    libraries=$(ldconfig -p 2>/dev/null || true)
    for section in "$@"; do
        sed -n "/^\[$section\]/,/^\[/p" installers/linux/libraries.txt
    done | while read -r kind what package; do
        case $kind in
            library)
                case $libraries in *"	$what ("*) ;; *) echo "$package" ;; esac ;;
            program) command -v "$what" >/dev/null || echo "$package" ;;
            package)
                dpkg-query -W -f '${db:Status-Status}' "$what" 2>/dev/null | grep -qx installed ||
                    echo "$what" ;;
        esac
    done
}

missing_packages() {
    if ! python=$(find_python); then
        echo python3 python3-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null && [ ! -x "$(uv_path)" ]; then
        echo python3-venv
    fi
    # A dependency without a wheel for this machine is compiled.
    command -v cc >/dev/null || command -v gcc >/dev/null || echo gcc libc6-dev
    case $set_name in
        dev)
            missing_from_list run test
            missing_interpreter_library
            ;;
        *) missing_from_list run ;;
    esac
}

missing_tools() {  # what the language model engine is compiled with; Nacre runs without it
    case $set_name in train) return 0 ;; esac
    command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
        echo g++
    missing_from_list model
    case ${GPU:-} in vulkan) missing_from_list vulkan ;; esac
}

missing_interpreter_library() {  # PyInstaller packs it; Debian keeps it in a package of its own
    [ -z "${python:-}" ] || "$python" -c '
import os, sys, sysconfig
where = sysconfig.get_config_var
path = os.path.join(where("LIBDIR") or "", where("INSTSONAME") or "")
if sys.prefix == "/usr" and not os.path.exists(path):
    print("libpython%d.%d" % sys.version_info[:2])'
}

may_install() {  # sets as_root
    as_root=
    [ "$(id -u)" = 0 ] && return 0
    as_root=sudo
    command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }
}

install_packages() {  # packages…
    line="apt-get install --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        say "these are missing; install what your system calls them, then try again:"
        stop "  $*"
    fi
    if ! may_install; then
        say "these system packages are missing, and installing them needs an administrator. Run:"
        stop "  sudo apt-get update && sudo $line"
    fi
    say "installing system packages: $*"
    $as_root apt-get update -qq || say "the package lists could not be refreshed; trying all the same"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -o Dpkg::Use-Pty=0 -y \
        --no-install-recommends "$@" ||
        stop "the system packages could not be installed. Try: sudo $line"
}

# --- uv and the environment -----------------------------------------------------------------

uv_path() {  # our own, else one on the PATH that knows every option used here
    case $(uv --version 2>/dev/null || true) in
        "uv 0."[0-7].*) found= ;;
        "uv "*) found=$(command -v uv) ;;
        *) found= ;;
    esac
    [ ! -x .uv/bin/uv ] && [ -n "$found" ] || found=.uv/bin/uv
    echo "$found"
}

get_uv() {
    [ -x "$(uv_path)" ] && return 0
    say "getting uv"
    rm -rf .uv
    "$python" -m venv .uv
    .uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
        --only-binary :all: -r "$locks/uv.txt"
}

key_of() {  # SET: what the environment holds when it is in step with the lock
    echo "$1 $(cat "$locks/$1.txt" "$locks/build.txt" pyproject.toml | sha256sum | cut -c1-32)"
}

in_step() {
    [ -f "$stamp" ] && [ -x .venv/bin/nacre ] && python_works .venv/bin/python || return 1
    have=$(cat "$stamp")
    [ "$have" = "$(key_of "$set_name")" ] && return 0
    # Every set holds what running needs, so `make run` does not undo `make test`.
    [ "$set_name" = run ] || return 1
    for other in dev gpu train; do
        [ "$have" = "$(key_of "$other")" ] && return 0
    done
    return 1
}

sync() {
    uv=$(uv_path)
    say "setting up the Python environment ($set_name)"
    python_works .venv/bin/python || "$uv" venv -q --clear --python "$python" .venv
    rm -f "$stamp"
    "$uv" pip sync -q --python .venv/bin/python --require-hashes \
        --build-constraints "$locks/build.txt" "$locks/$set_name.txt"
    "$uv" pip install -q --python .venv/bin/python --no-deps \
        --build-constraints "$locks/build.txt" --editable .
    key_of "$set_name" >"$stamp"
}

if [ "$set_name" = model ]; then
    . installers/model.sh
    prepare_engine
    exit
fi

# Twice, because what Python needs is known only once there is a Python.
for _ in 1 2; do
    packages=$(missing_packages | tr ' ' '\n' | sort -u | tr '\n' ' ')
    tools=$(missing_tools | sort -u | tr '\n' ' ')
    [ -n "$packages" ] || break
    # shellcheck disable=SC2086
    install_packages $packages $tools
done
# Without these all but the language model works, so nobody is asked for a password for them alone,
# and where they cannot be had it goes on: the build says what is missing.
if [ -n "$tools" ] && command -v apt-get >/dev/null && may_install </dev/null; then
    # shellcheck disable=SC2086
    (install_packages $tools) || true
fi
if ! in_step; then
    python=$(find_python) || stop "Nacre needs Python 3.11 or newer; this system has none to install."
    get_uv
    sync
fi
