#!/bin/sh
# Run the tests marked s390x on a big-endian Python (z/OS is big-endian), by user-mode emulation.
# It proves byte order - struct, int.from_bytes, NumPy dtypes - not EBCDIC and not data sets.
#
# Needs Debian, and qemu-user-static installed. Everything else is put under s390x/ in the project's root;
# nothing is changed on the system. Remove that folder to start afresh.
set -e
cd "$(dirname "$0")/../.."
root=$(pwd)/s390x
command -v qemu-s390x-static >/dev/null || {
    echo "qemu-s390x-static is missing: apt-get install qemu-user-static" >&2
    exit 8
}

if [ ! -f "$root/.ready" ]; then
    mkdir -p "$root/apt/lists/partial" "$root/apt/cache/archives/partial" "$root/apt/parts" "$root/system" "$root/site"
    : > "$root/apt/status"
    cp /etc/apt/sources.list.d/*.sources "$root/apt/parts/" 2>/dev/null || true
    cp /etc/apt/sources.list "$root/apt/sources.list" 2>/dev/null || : > "$root/apt/sources.list"
    cat > "$root/apt/apt.conf" <<X
APT::Architecture "s390x";
APT::Architectures { "s390x"; };
Dir::Etc::sourcelist "$root/apt/sources.list";
Dir::Etc::sourceparts "$root/apt/parts";
Dir::State "$root/apt";
Dir::State::lists "$root/apt/lists";
Dir::State::status "$root/apt/status";
Dir::Cache "$root/apt/cache";
X
    APT_CONFIG="$root/apt/apt.conf" apt-get -q update
    APT_CONFIG="$root/apt/apt.conf" apt-get -q install --no-install-recommends -y --download-only \
        python3.11 python3-numpy python3-yaml
    for package in "$root"/apt/cache/archives/*.deb; do dpkg -x "$package" "$root/system"; done
    # dpkg runs no update-alternatives here.
    libraries="$root/system/usr/lib/s390x-linux-gnu"
    ln -sf blas/libblas.so.3 "$libraries/libblas.so.3"
    ln -sf lapack/liblapack.so.3 "$libraries/liblapack.so.3"
    printf '#!/bin/sh\nexec qemu-s390x-static -L %s %s/usr/bin/python3.11 "$@"\n' "$root/system" "$root/system" \
        > "$root/python"
    chmod +x "$root/python"
    # A test that starts a process must start this Python again, not the machine's own.
    printf 'import sys\nsys.executable = "%s/python"\n' "$root" > "$root/site/sitecustomize.py"
    # Pure Python (later releases of hypothesis are not), so it can be installed by the machine's own pip.
    rm -rf "$root/pure"
    .venv/bin/python -m pip install -q --target "$root/pure" --no-compile pytest 'hypothesis==6.100.0' click \
        ebcdic jinja2 tqdm dnspython asn1crypto
    touch "$root/.ready"
fi

PYTHONPATH="$root/site:$root/system/usr/lib/python3/dist-packages:$root/pure:." PYTHONDONTWRITEBYTECODE=1 \
    "$root/python" -c 'import sys, numpy; print("Python", sys.version.split()[0], sys.byteorder, "NumPy", numpy.__version__)'
PYTHONPATH="$root/site:$root/system/usr/lib/python3/dist-packages:$root/pure:." PYTHONDONTWRITEBYTECODE=1 \
    exec "$root/python" -m pytest -q -p no:cacheprovider -m s390x $(grep -rl --include='test_*.py' 'mark.s390x' tests) "$@"
