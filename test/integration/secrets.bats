# Codes, passwords and numbers are where they must be, and nowhere else. end_server searches the log and every reply of every
# test file; here are the database and the ways that could write too much.

setup_file() {
  load support/server
  export PLANTED_SECRETS="secret-pass-1 secret-pass-2 planted-in-query planted-in-path planted-in-header planted-in-json"
  start_server --log-level debug
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

# holds_code FILE: a code of the spool as a word of its own.
holds_code() {
  python3 - "$SPOOL" "$1" <<'END'
import json, re, sys
codes = {json.loads(line)["code"] for line in open(sys.argv[1])}
text = open(sys.argv[2], encoding="utf-8", errors="replace").read()
found = codes & set(re.findall(r"(?<![0-9A-Za-z])[0-9]{6}(?![0-9A-Za-z])", text))
print(f"{len(codes)} codes, {len(found)} in clear")
sys.exit(0 if found else 1)
END
}

all_marked() { [ "$(sql "SELECT COUNT(*) FROM outbox WHERE sealed_body <> ''")" = 0 ]; }

@test "after 1000 sends a dump of the database holds none of the codes, and the outbox no body" {
  python3 "$support_directory/load.py" sends --base "$BASE" --spool "$SPOOL" --count 1000
  [ "$(messages)" -ge 1000 ]
  wait_until 10 all_marked
  dump >"$BATS_TEST_TMPDIR/dump"
  grep -q verification "$BATS_TEST_TMPDIR/dump"
  run ! holds_code "$BATS_TEST_TMPDIR/dump"
  # The search itself finds what is there.
  holds_code "$SPOOL"
}

@test "passwords are Argon2id hashes with salts of their own" {
  register_v4 "$phone" secret-pass-1
  new_phone
  register_v4 "$phone" secret-pass-1
  dump >"$BATS_TEST_TMPDIR/dump"
  run ! grep -q secret-pass "$BATS_TEST_TMPDIR/dump"
  equal 2 "$(sql "SELECT COUNT(DISTINCT phc) FROM password WHERE phc LIKE '\$argon2id\$v=19\$m=19456,t=2,p=1\$%'")"
}

@test "tokens are in the database as hashes only" {
  sign_in "$phone"
  dump >"$BATS_TEST_TMPDIR/dump"
  run ! grep -qF -e "$token" -e "$refresh_token" "$BATS_TEST_TMPDIR/dump"
  new_phone
  register_v4 "$phone" secret-pass-1
  dump >"$BATS_TEST_TMPDIR/dump"
  run ! grep -qF -e "$(value .data.token)" "$BATS_TEST_TMPDIR/dump"
}

@test "a GET with a password and a code in its query leaves neither in the log" {
  post "/api/v4.0/sendsms/$phone" expect=0
  code_for "$phone" register
  get "/api/v4.0/register?phone=$phone&name=n&password=secret-pass-2&device_identifier=d&code=$code"
  expect .code 200
  equal no-store "$(header Cache-Control)"
  get "/api/v4.0/login?phone=$phone&password=secret-pass-2"
  expect .code 200
  get "/api/v4.0/login?phone=$phone&password=planted-in-query"
  get "/planted-in-path?code=planted-in-query"
  log_has 'route=/api/v4.0/login'
}

@test "no failure writes or answers what was sent" {
  post_json /module/main/login '{"phone":"planted-in-json","password":"planted-in-json"'
  post_json /module/main/login '{"phone":"1","password":["planted-in-json"]}'
  post_json /api/sms/verify '{"data":{"attributes":{"mobile":"planted-in-json","code":"planted-in-json","type":"planted-in-json"}}}' \
    -H 'Authorization: Bearer planted-in-header'
  get /api/v4.0/login -H 'X-Planted: planted-in-header' -H 'User-Agent: planted-in-header' -H 'Referer: planted-in-header'
  post /api/refresh-token "data[attributes][refresh_token]=planted-in-json"
}

@test "what a client sends cannot forge a line of the log" {
  local before value
  before=$(grep -c 'forged' "$SERVER_LOG" || true)
  for value in $'a\n2026-01-01T00:00:00.000Z info forged' $'a\r\nforged' $'\033[31mforged' $'\u202eforged' $'a\tforged'; do
    post /api/v4.0/login "phone=$value" "password=$value" "device_identifier=$value"
    get "/api/v4.0/$(jq -rn --arg text "$value" '$text | @uri')"
  done
  equal "$before" "$(grep -c 'forged' "$SERVER_LOG" || true)"
  run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$SERVER_LOG"
}

@test "each request leaves one line with time, id, route, outcome and a masked number" {
  post "/api/v4.0/sendsms/$phone" expect=0
  local id
  id=$(header X-Request-Id)
  line_is_there() { [ "$(grep -c "$id" "$SERVER_LOG")" = 1 ]; }
  wait_until 5 line_is_there
  local line
  line=$(grep "$id" "$SERVER_LOG")
  [[ $line =~ ^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z ]]
  [[ $line == *"+86${phone:0:3}****${phone:7}"* && $line == *sendsms* && $line == *register* ]]
}

@test "the reply of a debug-level server holds no code, unless the echo was asked for in profile dev" {
  post /api/Smssend/doSend "mobile=+86$phone" type=1
  expect .data.code '""'
}
