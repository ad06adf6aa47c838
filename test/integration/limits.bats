# Limits on sending and guessing, over all dialects, with Retry-After. A limit that a restart forgets is none.

setup_file() {
  load support/server
  export PLANTED_SECRETS="limit-pass-1 limit-wrong"
  start_server
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

@test "a second code within the gap is refused in each dialect, with the seconds to wait, and not sent" {
  send_login "$phone"
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  expect_status 500
  expect '.errors[0].code' '"sms_interval"'
  expect_retry_after
  is_at_most "$(header Retry-After)" 60
  post /api/Smssend/doSend "mobile=+86$phone" type=3
  expect .code 10032
  expect .data '[]'
  expect_retry_after
  equal 1 "$(messages_to "$phone")"

  new_phone
  post "/api/v4.0/sendsms/$phone" expect=0
  post "/api/v4.0/sendsms/$phone" expect=0
  expect .code -4
  expect_retry_after
  post /module/main/send_code "phone=$phone" type=register
  expect .status 0
  expect_retry_after
  equal 1 "$(messages_to "$phone")"
}

@test "the gap counts the number, however it is spelled" {
  post "/api/v4.0/sendsms/$phone" expect=0
  expect .code '"200"'
  local spelled
  for spelled in "+86$phone" "86$phone" "0086$phone" "+86 ${phone:0:3}-${phone:3:4}-${phone:7}" "${phone:0:3} ${phone:3}"; do
    post /module/main/send_code "phone=$spelled" type=register
    expect .status 0
    expect_retry_after
  done
  equal 1 "$(messages_to "$phone")"
  equal 1 "$(sql "SELECT COUNT(*) FROM phone_quota WHERE phone LIKE '%${phone:3}'")"
}

@test "five codes in an hour go to one number, over all purposes and dialects" {
  local type
  for type in 1 3 4 5 6; do
    post /api/Smssend/doSend "mobile=+86$phone" "type=$type"
    expect .code 0
  done
  post /api/Smssend/doSend "mobile=+86$phone" type=7
  expect .code 10032
  expect_retry_after
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  expect '.errors[0].code' '"sms_interval"'
  post "/api/v4.0/sendsms/$phone" expect=0
  expect .code -4
  equal 5 "$(messages_to "$phone")"
}

@test "a code is dead after five wrong answers" {
  send_login "$phone"
  local wrong
  wrong=$(another_code "$code")
  for _ in 1 2 3 4 5; do
    discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$wrong\",\"register\":1}"
    expect '.errors[0].code' '"sms_verify_error"'
  done
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 500
  expect '.errors[0].code' '"sms_verify_error"'
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$phone'")"
}

@test "after ten wrong answers in a day no code of the number is taken, in no dialect, nor a new one" {
  send_login "$phone"
  post /api/Smssend/doSend "mobile=+86$phone" type=1
  code_for "$phone" register
  local register_code=$code wrong
  code_for "$phone" login
  wrong=$(another_code "$code")
  for _ in 1 2 3 4 5; do
    discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$wrong\"}"
    post /module/main/login "phone=$phone" "code=$wrong"
  done
  post /api/user/reg "mobile=+86$phone" "mobilecode=$register_code" pass=limit-pass-1 passcheck=limit-pass-1
  [ "$(value .code)" != 0 ]
  post "/api/v4.0/sendsms/$phone" expect=0
  post /api/Smssend/doSend "mobile=+86$phone" type=2
  post /module/main/register "phone=$phone" "code=$register_code"
  expect .status 0
  is_at_most "$(sql "SELECT wrong_tries FROM phone_quota WHERE phone = '+86$phone'")" 10
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$phone'")"
}

@test "OTP-06: 100 guesses over four dialects, 50 addresses, forged headers and devices are counted as one number's" {
  local guessed
  guessed=$(python3 "$support_directory/guesses.py" everyone --base "$BASE" --spool "$SPOOL")
  equal 10 "$(sql "SELECT wrong_tries FROM phone_quota WHERE phone = '+86$guessed'")"
  is_at_most "$(sql "SELECT MAX(attempts) FROM verification WHERE phone = '+86$guessed'")" 5
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$guessed'")"
}

@test "only the newest code works" {
  terminate
  launch --resend-gap 1 --smssend-resend-gap 1
  send_newest() {
    discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
    [ "$reply_status" = 201 ]
  }
  wait_until 5 send_newest
  code_for "$phone" login
  local first=$code
  wait_until 5 send_newest
  code_for "$phone" login
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$first\",\"register\":1}"
  if [ "$first" != "$code" ]; then expect_status 500; fi
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 200
  terminate
  launch
}

@test "wrong passwords are slowed down from the fifth on, with Retry-After, and the right one then waits too" {
  register_v4 "$phone" limit-pass-1
  for _ in 1 2 3 4 5; do
    post /api/v4.0/login "phone=$phone" password=limit-wrong
    expect .code -1
  done
  post /module/main/login "phone=$phone" password=limit-pass-1
  expect .status 0
  expect_retry_after
  post /api/v4.0/login "phone=$phone" password=limit-pass-1
  expect .code -5
  expect_retry_after
}

@test "a restart forgets no limit, no session and no revocation" {
  send_login "$phone"
  local login_code=$code limited=$phone wrong
  wrong=$(another_code "$code")
  for _ in 1 2 3; do discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$wrong\"}"; done
  new_phone
  sign_in "$phone"
  local live=$token
  new_phone
  sign_in "$phone"
  local revoked=$token
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"reset_pwd\"}"
  code_for "$phone" reset_password
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"reset_pwd\",\"code\":\"$code\",\"password\":\"limit-pass-1\"}"
  expect_status 200
  token_is_bad "$revoked"

  kill_server
  launch
  token_is_good "$live"
  token_is_bad "$revoked"
  discuzq send "{\"mobile\":\"$limited\",\"type\":\"login\"}"
  expect_status 500
  expect_retry_after
  for _ in 1 2; do discuzq verify "{\"mobile\":\"$limited\",\"type\":\"login\",\"code\":\"$wrong\"}"; done
  discuzq verify "{\"mobile\":\"$limited\",\"type\":\"login\",\"code\":\"$login_code\",\"register\":1}"
  expect_status 500
}

@test "a used code stays used after a restart" {
  send_login "$phone"
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 200
  terminate
  launch
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 500
}

@test "sends from one client address are limited where that is on, whatever the client writes into X-Forwarded-For" {
  terminate
  launch --ip-sends-per-hour 3 --ip-sends-per-day 100
  local sent=0
  for number in 1 2 3 4 5 6; do
    new_phone
    discuzq_with() { post_json /api/sms/send "$1" -H "X-Forwarded-For: 203.0.113.$number"; }
    discuzq_with "{\"data\":{\"attributes\":{\"mobile\":\"$phone\",\"type\":\"login\"}}}"
    sent=$((sent + $(messages_to "$phone")))
  done
  equal 3 "$sent"
  expect '.errors[0].code' '"sms_interval"'
  expect_retry_after
  terminate
  launch
}
