# What test/run, demo/run and the like need of the machine: Debian packages, a PostgreSQL to build against, an ordinary user.
# Sourced by bash scripts that have set -euo pipefail.
#
# Started as root, missing packages are installed and everything that runs PostgreSQL runs as user postgres, because the server
# refuses root. Started as somebody else, nothing is installed: what is missing is named.

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

# Variables of a make or a psql around us would reach every make and psql that runs below.
unset MAKEFLAGS MAKELEVEL MFLAGS PGHOST PGPORT PGUSER PGDATABASE PGDATA PGOPTIONS PGSERVICE PGPASSWORD
export LC_ALL=C.UTF-8 TZ=UTC DEBIAN_FRONTEND=noninteractive

package_missing() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" != installed ]; }

apt_updated=
apt_update() {
    [ -n "$apt_updated" ] && return
    is_root || die "package lists must be fetched; run this as root"
    say "fetching package lists"
    apt-get update -qq >&2
    apt_updated=1
}

# Installing a server package creates and starts a cluster "main" unless told otherwise; this is the place Debian has for it.
createcluster_conf=/etc/postgresql-common/createcluster.d/maskquery-no-main.conf

# install_packages NAME...: installs those that are missing.
install_packages() {
    local p missing=() made=() dir rc=0
    for p in "$@"; do
        if package_missing "$p"; then missing+=("$p"); fi
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    is_root || die "missing Debian packages: ${missing[*]}; install them, or run this as root"
    apt_update
    say "installing ${missing[*]}"
    for dir in /etc/postgresql-common /etc/postgresql-common/createcluster.d; do
        if [ ! -d "$dir" ]; then
            mkdir "$dir"
            made+=("$dir")
        fi
    done
    echo 'create_main_cluster = false' >"$createcluster_conf"
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$work/apt.log" 2>&1 || rc=$?
    rm -f "$createcluster_conf"
    for dir in /etc/postgresql-common/createcluster.d /etc/postgresql-common; do
        # Only what we made, and only if no package took it over.
        if [[ " ${made[*]} " == *" $dir "* ]] && ! dpkg-query -S "$dir" >/dev/null 2>&1; then
            rmdir --ignore-fail-on-non-empty "$dir"
        fi
    done
    if [ $rc != 0 ]; then
        tail -n 30 "$work/apt.log" >&2
        die "apt-get could not install ${missing[*]}"
    fi
}

# The major version that this Debian has by default.
default_major() {
    local found
    apt_update
    found=$(apt-cache depends postgresql | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
    [ -n "$found" ] || die "the package lists know no default PostgreSQL"
    echo "$found"
}

# Sets PG_CONFIG and major. PG_CONFIG, when given, decides; then PG_MAJOR; then the newest server that is installed; then
# the major version that this Debian has by default.
choose_postgres() {
    local bin
    if [ -n "${PG_CONFIG:-}" ]; then
        command -v "$PG_CONFIG" >/dev/null || die "PG_CONFIG=$PG_CONFIG is not a program"
        PG_CONFIG=$(command -v "$PG_CONFIG")
        major=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
    else
        major=${PG_MAJOR:-}
        if [ -z "$major" ]; then
            for bin in /usr/lib/postgresql/*/bin/postgres; do
                if [ -x "$bin" ]; then printf '%s\n' "$bin"; fi
            done | sed 's|.*/\([0-9]*\)/bin/postgres|\1|' | sort -n | tail -n 1 >"$work/major"
            major=$(cat "$work/major")
        fi
        if [ -z "$major" ]; then
            apt_update
            major=$(default_major)
        fi
        install_packages "postgresql-$major" "postgresql-server-dev-$major"
        PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
    fi
    [ "$major" -ge 15 ] || die "maskquery needs PostgreSQL 15 or later, $PG_CONFIG is of $major"
    export PG_CONFIG
    pg_bin=$("$PG_CONFIG" --bindir)
    export PATH=$pg_bin:$PATH
}

# Runs a command as the ordinary user, in the work directory.
as_user() {
    if is_root; then
        (cd "$work" && runuser -u postgres -- env HOME="$work" "$@")
    else
        (cd "$work" && HOME=$work "$@")
    fi
}

# make_work NAME: $work, a private directory on disk that the ordinary user may enter; removed at exit, whatever the exit, after
# the script's before_clean, if it has one.
make_work() {
    # /var/tmp and not /tmp: the latter is memory on newer Debians, and the real data set fills half a gigabyte.
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/maskquery-$1.XXXXXX")
    chmod 755 "$work"
    trap clean_work EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

clean_work() {
    local rc=$?
    trap - EXIT
    trap '' HUP INT TERM
    if declare -F before_clean >/dev/null; then before_clean || true; fi
    if [ -f "$work/data/postmaster.pid" ]; then
        as_user "$pg_bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    cd / && rm -rf --one-file-system "$work"
    exit $rc
}
