# MariaDB goes away and comes back, while smsauthd serves. On a MariaDB of its own: other tests need theirs alive.

setup_file() {
  load ../support/server
  # Not below bats's own directory: that is closed to the user mysql.
  OUTAGE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/smsauthd-outage.XXXXXX")
  export OUTAGE_DIR
  "$scripts_directory/mariadb-for-tests" start "$OUTAGE_DIR" 3>&- 4>&-
  set -a
  eval "$("$scripts_directory/mariadb-for-tests" env "$OUTAGE_DIR")"
  set +a
  start_server
}

teardown_file() {
  load ../support/server
  local failed=0
  KEEP_DATABASE=yes end_server || failed=1
  "$scripts_directory/mariadb-for-tests" stop "$OUTAGE_DIR" || failed=1
  return "$failed"
}

setup() {
  load ../support/server
  new_phone
}

database() { "$scripts_directory/mariadb-for-tests" "$1" "$OUTAGE_DIR" "${@:2}" 3>&- 4>&-; }

readiness_is() {
  request "$ADMIN/readyz"
  [ "$reply_status" = "$1" ]
}

send_answers() {
  new_phone
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  [ "$reply_status" = 201 ]
}

# Each dialect says "busy" in its own shape, within the handler's 5 s, and tells when to come back.
every_dialect_is_busy() {
  local started
  for dialect in discuzq v4 smssend module; do
    new_phone
    started=$EPOCHREALTIME
    case $dialect in
      discuzq) discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}" ;;
      v4) post "/api/v4.0/sendsms/$phone" expect=0 ;;
      smssend) post /api/Smssend/doSend "mobile=$phone" type=3 ;;
      module) post /module/main/send_code "phone=$phone" type=register ;;
    esac
    is_at_most "$(seconds_since "$started")" 5.5
    expect_status 503
    expect_retry_after
    case $dialect in
      discuzq) expect '.errors[0].code' '"service_unavailable"' ;;
      v4) expect .code -9 ;;
      smssend) expect .code 10090 ;;
      module) expect .status 0 ;;
    esac
    if grep -qiE 'sql|maria|socket|gone away|connect' <<<"$reply_body"; then echo "internals in $reply_body" >&2; return 1; fi
    equal 0 "$(messages_to "$phone")"
  done
}

@test "killed: 503 in every dialect, not ready but alive, and well again within 5 s of its return" {
  sign_in "$phone"
  local live=$token
  database kill
  every_dialect_is_busy
  wait_until 6 readiness_is 503
  expect_retry_after
  request "$ADMIN/healthz"
  expect_status 200
  database restart
  local started=$EPOCHREALTIME
  wait_until 5 readiness_is 200
  wait_until 5 send_answers
  is_at_most "$(seconds_since "$started")" 5
  token_is_good "$live"
}

@test "killed under load: nothing but answers and 503, and nothing acknowledged is lost" {
  python3 "$support_directory/load.py" outage --base "$BASE" --spool "$SPOOL" \
    --break "'$scripts_directory/mariadb-for-tests' kill '$OUTAGE_DIR'" \
    --mend "'$scripts_directory/mariadb-for-tests' restart '$OUTAGE_DIR'" 3>&- 4>&-
  equal 0 "$(sql "SELECT COUNT(*) FROM (SELECT uid FROM session GROUP BY uid HAVING COUNT(*) > 1) AS twice")"
}

@test "frozen: 503 by 5 s, not ready, and well again after it moves on" {
  database kill STOP
  every_dialect_is_busy
  wait_until 6 readiness_is 503
  request "$ADMIN/healthz"
  expect_status 200
  database kill CONT
  wait_until 5 readiness_is 200
  wait_until 5 send_answers
}

@test "away at the start: alive but not ready, busy, and serving within 5 s of its arrival" {
  terminate
  database kill
  LAUNCHED=' admin listening on ' launch
  request "$ADMIN/healthz"
  expect_status 200
  readiness_is 503
  every_dialect_is_busy
  database restart
  wait_until 5 readiness_is 200
  wait_until 5 send_answers
}

@test "a wrong password of the database ends the start with one line that does not hold it" {
  local code=0 said uri=${SMSAUTHD_TEST_MYSQL_URI/it%27s/planted-password}
  said=$(env $(without_settings) timeout 20 "$SMSAUTHD_TEST_BINARY" --profile dev --listen 127.0.0.1:0 --admin-listen off \
    --db "$uri$DATABASE_NAME" --sms log: --secret-file "$SERVER_HOME/other.key" 2>&1) || code=$?
  [[ $code =~ ^[12]$ ]]
  [[ $said != *planted-password* ]]
  [[ $(tail -n 1 <<<"$said") == "smsauthd: db"* ]]
}

@test "over the Unix socket, too" {
  terminate
  launch --db "${SMSAUTHD_TEST_MYSQL_SOCKET_URI/@\/?/@\/$DATABASE_NAME?}"
  wait_until 5 send_answers
}
