# Stopping: what was accepted is answered, exit code 0, and a second signal means now.

setup() {
  load support/server
  new_home "test_$BATS_TEST_NUMBER"
  launch
  new_phone
}
teardown() { end_server; }

@test "SIGTERM at rest ends with 0, within a second" {
  local started=$EPOCHREALTIME
  terminate
  is_at_most "$(seconds_since "$started")" 2
  log_has ' stopped'
}

@test "SIGINT ends with 0 as well" {
  kill -INT "$SERVER_PID"
  wait_until "$stop_seconds" has_exited
  equal 0 "$(exit_code)"
}

@test "SIGTERM under load: every accepted request is answered, and answered requests hold" {
  python3 "$support_directory/load.py" shutdown --base "$BASE" --pid "$SERVER_PID" --spool "$SPOOL"
  wait_until "$stop_seconds" has_exited
  equal 0 "$(exit_code)"
}

@test "an idle keep-alive connection does not hold the stop" {
  local address=${BASE#http://}
  exec 9<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'GET /api/v4.0/login HTTP/1.1\r\nHost: a\r\n\r\n' >&9
  local line
  IFS= read -r -t 5 line <&9
  [[ $line == "HTTP/1.1 200"* ]]
  local started=$EPOCHREALTIME
  terminate
  is_at_most "$(seconds_since "$started")" 3
  exec 9>&-
}

@test "a second signal ends the process within a second, whatever still runs" {
  local address=${BASE#http://}
  exec 9<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'POST /module/main/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf' >&9  # holds the drain
  wait_until 5 is_connected
  kill -TERM "$SERVER_PID"
  wait_until 5 log_has ' draining'
  if has_exited; then echo "the half request did not hold the drain" >&2; return 1; fi
  local started=$EPOCHREALTIME
  kill -TERM "$SERVER_PID"
  wait_until 5 has_exited
  is_at_most "$(seconds_since "$started")" 1.2
  exec 9>&-
}

is_connected() { grep -q . <(ss -tnH state established "( sport = :${BASE##*:} )" 2>/dev/null); }
