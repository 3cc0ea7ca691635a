# A private copy of the server's directories, into which a version of maskquery is installed with DESTDIR and nothing else changes.
# Sourced after machine.sh.
#
# PostgreSQL finds its directories relative to its program, so programs are copied and the rest is linked.

# link_all FROM TO: links for all that stands in FROM, but for maskquery's own files.
link_all() {
    mkdir -p "$2"
    find "$1" -mindepth 1 -maxdepth 1 ! -name 'maskquery*' -exec ln -s -t "$2" {} +
}

# copy_server DIR: makes the copy below DIR; its programs are in DIR$pg_bin. Install with make DESTDIR=DIR install.
copy_server() {
    local lib share
    lib=$("$PG_CONFIG" --pkglibdir) share=$("$PG_CONFIG" --sharedir)
    link_all "$lib" "$1$lib"
    link_all "$share" "$1$share"
    rm "$1$share/extension"
    link_all "$share/extension" "$1$share/extension"
    mkdir -p "$1$pg_bin"
    cp -L "$pg_bin"/* "$1$pg_bin/"
}
