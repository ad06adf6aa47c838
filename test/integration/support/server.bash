# Starts and stops the shipped binary for a test file, on the engine under test.
#
#   SMSAUTHD_TEST_BINARY   the smsauthd to test
#   SMSAUTHD_TEST_ENGINE   sqlite or mariadb; for mariadb also what `mariadb-for-tests env` prints
#
# A server's home is a directory with its database or its name, spool, key, log, and the traffic that tests saw. What tests
# need is exported: BASE ADMIN SPOOL SERVER_LOG TRAFFIC SERVER_HOME SERVER_PID.

bats_require_minimum_version 1.5.0
source "${BASH_SOURCE[0]%/*}/api.bash"

support_directory=${BASH_SOURCE[0]%/*}
scripts_directory=$support_directory/../../../scripts
start_seconds=20
# grace-seconds is 10.
stop_seconds=15

# wait_until SECONDS COMMAND…: polls; fails when the time is over.
wait_until() {
  local limit=$1 started=$EPOCHREALTIME
  shift
  until "$@"; do
    if awk "BEGIN { exit !($EPOCHREALTIME - $started > $limit) }"; then
      echo "not within $limit s: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

# seconds_since TIME: of $EPOCHREALTIME, as a decimal.
seconds_since() { awk "BEGIN { print $EPOCHREALTIME - $1 }"; }

is_at_most() { awk "BEGIN { exit !($1 <= $2) }" || { echo "expected at most $2, got $1" >&2; return 1; }; }

# new_home NAME: an empty home with a database.
new_home() {
  export SERVER_HOME=$BATS_FILE_TMPDIR/$1
  export SPOOL=$SERVER_HOME/spool.jsonl SERVER_LOG=$SERVER_HOME/log TRAFFIC=$SERVER_HOME/traffic
  mkdir -p "$SERVER_HOME"
  : >"$TRAFFIC"
  : >"$SERVER_LOG"
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) export DATABASE_URI=sqlite:$SERVER_HOME/smsauthd.db ;;
    mariadb)
      export DATABASE_NAME=smsauthd_test_bats_${BATS_ROOT_PID}_$(basename "$BATS_TEST_FILENAME" .bats)_$1
      DATABASE_NAME=${DATABASE_NAME//[^a-z0-9_]/_}
      export DATABASE_URI=$SMSAUTHD_TEST_MYSQL_URI$DATABASE_NAME
      "$scripts_directory/mariadb-for-tests" database "$SMSAUTHD_TEST_MARIADB_DIR" "$DATABASE_NAME"
      ;;
    *) echo "SMSAUTHD_TEST_ENGINE: expected sqlite or mariadb" >&2; return 1 ;;
  esac
}

# smsauthd_flags FLAG VALUE…: the usual flags but those that are given, one word a line. A flag given twice is refused.
smsauthd_flags() {
  local flag
  while read -r flag value; do
    case " $* " in *" $flag "*) ;; *) printf '%s\n' "$flag" "$value" ;; esac
  done <<END
--profile dev
--listen 127.0.0.1:0
--admin-listen 127.0.0.1:0
--db $DATABASE_URI
--sms spool:$SPOOL
--secret-file $SERVER_HOME/secret.key
--code-echo off
END
  [ $# = 0 ] || printf '%s\n' "$@"
}

# without_settings: `env` words that take SMSAUTHD_… away, which the server would read as settings.
without_settings() { compgen -e SMSAUTHD_ | sed 's/^/-u /'; }

# smsauthd WORD…: the binary in the foreground.
smsauthd() { env $(without_settings) "$SMSAUTHD_TEST_BINARY" "$@"; }

log_has() { grep -qE -- "$1" "$SERVER_LOG"; }

has_exited() { [ -s "$SERVER_HOME/exit_code" ]; }

logged_or_exited() { tail -n "+$log_start" "$SERVER_LOG" | grep -qE "$1" || has_exited; }

# launch FLAG…: starts smsauthd in the present home and waits until it is ready, or has said $LAUNCHED. Fails when it ends.
launch() {
  local flags
  mapfile -t flags < <(smsauthd_flags "$@")
  local log_start=$(($(wc -l <"$SERVER_LOG") + 1))
  rm -f "$SERVER_HOME/exit_code" "$SERVER_HOME/pid"
  # A parent that waits keeps the exit code; no descriptor of bats is held (it waits for 3 to be closed).
  (
    exec 3>&- 4>&- </dev/null >>"$SERVER_LOG" 2>&1
    cd "$SERVER_HOME" || exit 1
    env $(without_settings) "$SMSAUTHD_TEST_BINARY" serve "${flags[@]}" &
    echo $! >"$SERVER_HOME/pid"
    code=0
    wait $! || code=$?
    echo "$code" >"$SERVER_HOME/exit_code"
  ) &
  wait_until "$start_seconds" logged_or_exited "${LAUNCHED:- info ready$}" || { tail -n 20 "$SERVER_LOG" >&2; return 1; }
  if has_exited; then
    tail -n 20 "$SERVER_LOG" >&2
    return 1
  fi
  SERVER_PID=$(cat "$SERVER_HOME/pid")
  BASE=http://$(tail -n "+$log_start" "$SERVER_LOG" | sed -nE '/admin listening/!s/.*listening on ([^ "]+).*/\1/p')
  ADMIN=http://$(tail -n "+$log_start" "$SERVER_LOG" | sed -nE 's/.*admin listening on ([^ "]+).*/\1/p')
  export SERVER_PID BASE ADMIN
  remember_server
}

# A test runs in a process of its own: what launch found out is kept in a file of the home, for the tests after it.
remember_server() { printf '%s=%q\n' SERVER_PID "$SERVER_PID" BASE "$BASE" ADMIN "$ADMIN" >"$SERVER_HOME/server"; }
recall_server() { [ ! -e "${SERVER_HOME:-}/server" ] || source "$SERVER_HOME/server"; }

# start_server FLAG…: a home for this test file or test, and a server in it.
start_server() {
  new_home "${SERVER_NAME:-server}"
  launch "$@"
}

exit_code() { cat "$SERVER_HOME/exit_code"; }

# terminate: SIGTERM and the end. Fails unless the exit code is 0.
terminate() {
  kill -TERM "$SERVER_PID" || return 1
  wait_until "$stop_seconds" has_exited || { kill -KILL "$SERVER_PID"; return 1; }
  [ "$(exit_code)" = 0 ] || { echo "exit code $(exit_code)" >&2; tail -n 5 "$SERVER_LOG" >&2; return 1; }
}

# kill_server: SIGKILL.
kill_server() {
  kill -KILL "$SERVER_PID"
  wait_until "$stop_seconds" has_exited
}

# end_server: for teardown. Stops what runs, looks for secrets in what it wrote and said, drops the database.
end_server() {
  local failed=0
  recall_server
  if [ -n "${SERVER_PID:-}" ] && ! has_exited; then terminate || failed=1; fi
  python3 "$support_directory/leaks.py" "$SERVER_HOME" ${PLANTED_SECRETS:-} >&2 || failed=1
  if [ "$SMSAUTHD_TEST_ENGINE" = mariadb ] && [ -z "${KEEP_DATABASE:-}" ]; then
    mariadb_client -e "DROP DATABASE IF EXISTS \`$DATABASE_NAME\`" || failed=1
  fi
  return "$failed"
}

mariadb_client() {
  mariadb --no-defaults --user=root --socket="$SMSAUTHD_TEST_MARIADB_SOCKET" --batch --skip-column-names \
    --default-character-set=utf8mb4 "$@"
}

# sql STATEMENT: asks the server's database beside the server; columns are separated by "|".
sql() {
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) sqlite3 -cmd '.timeout 5000' "$SERVER_HOME/smsauthd.db" "$1" ;;
    mariadb) mariadb_client "$DATABASE_NAME" -e "$1" | tr '\t' '|' ;;
  esac
}

# dump: the whole database as text.
dump() {
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) sqlite3 -cmd '.timeout 5000' "$SERVER_HOME/smsauthd.db" .dump ;;
    mariadb) mariadb-dump --no-defaults --user=root --socket="$SMSAUTHD_TEST_MARIADB_SOCKET" --skip-extended-insert "$DATABASE_NAME" ;;
  esac
}

# Each process that loads this file works on with the server of its file.
recall_server
