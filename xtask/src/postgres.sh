# Starts a private PostgreSQL server, says "ready", and removes it when standard input closes.
# Arguments: folder of the server's binaries, port.
set -eu
binaries=$1
port=$2
cd /
folder=$(mktemp -d /tmp/vungxanh-postgres.XXXXXX)
trap 'rm -rf "$folder"' EXIT

control() {
    "$binaries/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" "$@" >"$folder/control" 2>&1
}
explain() {
    cat "$folder"/control "$folder"/log >&2 2>/dev/null || true
    exit 1
}

"$binaries/initdb" -D "$folder/data" -U postgres -E UTF8 --locale=C -A trust --no-sync \
    >"$folder/control" 2>&1 || explain
settings="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder"
settings="$settings -c fsync=on -c max_connections=200"
control start -o "$settings" || explain
echo ready
cat >/dev/null
control stop -m fast || control stop -m immediate || explain
