# What profiles for production change, seen from outside.

setup() {
  load support/server
  export PLANTED_SECRETS="profile-pass-1"
  new_home "test_$BATS_TEST_NUMBER"
  (umask 077; openssl rand -hex 32 >"$SERVER_HOME/secret.key")
  new_phone
}
teardown() { end_server; }

@test "standard: only allowed countries, limits per client address, no code in a reply" {
  launch --profile standard --code-echo auto
  post /api/Smssend/doSend mobile=09171234567 internationalCode=+63 type=1
  expect .code 10003
  post /api/Smssend/doSend "mobile=+86$phone" type=1
  expect .code 0
  expect .data.code '""'
  local number
  for number in {2..30}; do
    new_phone
    post /module/main/send_code "phone=$phone" type=register
    expect .status 200
  done
  new_phone
  post /module/main/send_code "phone=$phone" type=register
  expect .status 0
  expect_retry_after
  equal 30 "$(messages)"
}

@test "standard: v4's documented GET with a password works and is not cached" {
  launch --profile standard
  get "/api/v4.0/sendsms/$phone?expect=0"
  expect .code '"200"'
  code_for "$phone" register
  get "/api/v4.0/register?phone=$phone&name=n&password=profile-pass-1&device_identifier=d&code=$code"
  expect .code 200
  equal no-store "$(header Cache-Control)"
}

@test "strict: no GET with secrets or effects, long passwords, and nobody is told who is registered" {
  launch --profile strict
  local path
  for path in sendsms/$phone register login verify_code forget_password; do
    get "/api/v4.0/$path?phone=$phone&password=profile-pass-1"
    expect_status 405
    [[ $(header Allow) == *POST* && $(header Allow) != *GET* ]]
  done
  post "/api/v4.0/sendsms/$phone" expect=0
  code_for "$phone" register
  post /api/v4.0/register "phone=$phone" name=n password=1234567 device_identifier=d "code=$code"
  expect .code -3
  post /api/v4.0/register "phone=$phone" name=n password=password device_identifier=d "code=$code"
  expect .code -3
  post /api/v4.0/register "phone=$phone" name=n password=profile-pass-1 device_identifier=d "code=$code"
  expect .code 200
  local registered=$phone known unknown
  new_phone
  for path in isregister/PHONE?expect=0 isregister/PHONE?expect=1; do
    get "/api/v4.0/${path/PHONE/$registered}"
    known=$reply_body
    get "/api/v4.0/${path/PHONE/$phone}"
    equal "$known" "$reply_body"
  done
  # A reset for an unknown number: the reply of a success, and no message.
  post "/api/v4.0/sendsms/$registered" expect=1
  known=$reply_body
  post "/api/v4.0/sendsms/$phone" expect=1
  equal "$known" "$reply_body"
  equal 0 "$(messages_to "$phone")"
}

@test "the JSON log is one JSON object per line, whatever clients send" {
  LAUNCHED='"event":"ready"' launch --log-format json --log-level debug
  local value
  for value in $'a\n{"forged":1}' '"},{"x":"' $'\u2028' $'\033[2J' '\\' "$(printf 'a%.0s' {1..3000})"; do
    post /api/v4.0/login "phone=$value" "password=$value"
    get /api/v4.0/login -H "User-Agent: ${value//$'\n'/}" -H "X-Forwarded-For: ${value//$'\n'/}"
  done
  jq -e . "$SERVER_LOG" >"$BATS_TEST_TMPDIR/parsed"
  run ! grep -q forged "$SERVER_LOG"
}

@test "outside dev a crash leaves no memory behind: no core dumps, no debugger" {
  launch --profile standard --code-echo auto
  grep -qE '^Max core file size +0 +0 ' "/proc/$SERVER_PID/limits"
  # Its own user may not read it either: that is what not being dumpable means (proc(5)).
  if [ "$(id -u)" != 0 ]; then run ! head -c 1 "/proc/$SERVER_PID/environ"; fi
}
