# Builds and installs maskquery from a private copy of the tree, and runs a throw-away cluster. Sourced after machine.sh.

build_packages=(g++ make libblosc-dev libpng-dev)

# copy_tree: the source tree, without what a build leaves, to $work/src, owned by the ordinary user. The tree itself may stand where
# that user cannot read, and is not to be littered by root's files.
copy_tree() {
    mkdir "$work/src"
    tar -C "$repo" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' --exclude='./maskquery--*.sql' -cf - . |
        tar -C "$work/src" --no-same-owner -xf -
    if is_root; then chown -R postgres: "$work"; fi
}

# build_install LOG [MAKE-ARGUMENT...]: builds as the ordinary user; installs as who we are.
build_install() {
    local log=$1
    shift
    {
        as_user make -C src -j"$(nproc)" PG_CONFIG="$PG_CONFIG" "$@" &&
            make -C "$work/src" -s PG_CONFIG="$PG_CONFIG" install "$@"
    } >"$log" 2>&1
}

# start_cluster: port and socket of its own, no network. Durability is off: nothing here outlives a crash of the machine. POSTGRES,
# when set, is a program that starts the server in a way of its own.
start_cluster() {
    export PGHOST=$work PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    as_user "$pg_bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$work/initdb.log" 2>&1 ||
        { cat "$work/initdb.log" >&2; die "initdb failed"; }
    cat >>"$work/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$work'
port = $PGPORT
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
shared_buffers = 256MB
max_connections = 40
autovacuum = off
EOF
    # The server must not hold our standard output: a pipe behind `make test` would never close.
    as_user "$pg_bin/pg_ctl" -D "$work/data" -l "$work/server.log" -w -t 300 ${POSTGRES:+-p "$POSTGRES"} start >/dev/null 2>&1 </dev/null ||
        { tail -n 20 "$work/server.log" >&2; die "the throw-away server did not start"; }
}
