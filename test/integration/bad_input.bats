# Malformed input gets the dialect's own error, stores nothing and sends nothing. Each case looks into the database and the
# spool for what must not be there.

setup_file() {
  load support/server
  export PLANTED_SECRETS="bad-pass-1"
  start_server
}
teardown_file() { load support/server; end_server; }

setup() {
  load support/server
  new_phone
  rows_before=$(rows)
  messages_before=$(messages)
}

# rows: how many there are in all tables that a request can write.
rows() {
  local table query=
  for table in phone_quota verification outbox identity account password session reset_grant bind_token referral device \
    invite rebind_proof delivery_attempt delivery_receipt; do
    query+="${query:+ UNION ALL }SELECT COUNT(*) FROM $table"
  done
  sql "$query" | tr '\n' ' '
}

nothing_happened() {
  equal "$messages_before" "$(messages)"
  equal "$rows_before" "$(rows)"
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone LIKE '%$phone%'")"
}

# refused STATUS…: the status is one of these, in JSON, without internals.
refused() {
  local status
  for status in "$@"; do
    if [ "$reply_status" = "$status" ]; then
      jq -e . <<<"$reply_body" >/dev/null || { echo "not JSON: $reply_body" >&2; return 1; }
      if grep -qiE 'sqlite|mysql|maria|soci|SELECT |INSERT |exception|/lib/|\.cpp' <<<"$reply_body"; then
        echo "internals in: $reply_body" >&2
        return 1
      fi
      return
    fi
  done
  echo "expected status $*, got $reply_status: $reply_body" >&2
  return 1
}

# not_a_success: an error status, or the dialect's own failure in a 200.
not_a_success() {
  case $reply_status in 4?? | 500) return ;; esac
  expect_status 200
  case $reply_body in
    *'"status":0'* | *'"code":-'* | *'"code":1'[0-9][0-9][0-9][0-9]*) ;;
    *) echo "expected a failure: $reply_body" >&2; return 1 ;;
  esac
}

# The endpoints with a JSON body, and a body that would do something if it were not spoiled. A line: PATH BODY
json_endpoints() {
  cat <<END
/api/sms/send {"data":{"attributes":{"mobile":"$phone","type":"login"}}}
/api/sms/verify {"data":{"attributes":{"mobile":"$phone","type":"login","code":"123456","register":1}}}
/api/v4.0/sendsms/$phone {"expect":0}
/api/v4.0/register {"phone":"$phone","name":"n","password":"bad-pass-1","device_identifier":"d","code":"123456"}
/api/v4.0/login {"phone":"$phone","password":"bad-pass-1"}
/api/v4.0/forget_password {"phone":"$phone","password":"bad-pass-1","code":"123456"}
/api/Smssend/doSend {"mobile":"$phone","internationalCode":"+86","type":1}
/api/user/reg {"mobile":"+86$phone","mobilecode":"123456","pass":"bad-pass-1","passcheck":"bad-pass-1"}
/api/user/userLogin {"mobile":"+86$phone","pass":"bad-pass-1"}
/api/user/reSetPass {"mobile":"+86$phone","code":"123456","newpass":"bad-pass-1","newpassck":"bad-pass-1","type":2}
/module/main/send_code {"phone":"$phone","type":"register"}
/module/main/register {"phone":"$phone","code":"123456","password":"bad-pass-1","password2":"bad-pass-1"}
/module/main/login {"phone":"$phone","password":"bad-pass-1"}
/module/main/reset_password {"phone":"$phone","code":"123456","password":"bad-pass-1","password2":"bad-pass-1"}
END
}

@test "broken JSON" {
  while read -r path body; do
    post_json "$path" "${body%?}"
    refused 400 422
    post_json "$path" "$body}"
    refused 400
    post_json "$path" "[$body]"
    refused 400
    post_json "$path" "${body/:/:nul}"
    refused 400
  done < <(json_endpoints)
  nothing_happened
}

@test "a key twice in JSON" {
  while read -r path body; do
    name=$(grep -oE '"(mobile|phone|expect)"' <<<"$body" | head -n 1)
    post_json "$path" "${body/$name:/$name:\"13800000000\",$name:}"
    refused 400
  done < <(json_endpoints)
  nothing_happened
}

@test "wrong types: an object, a list, true, and numbers of another kind where a text belongs" {
  while read -r path body; do
    for value in '{}' '[]' true '["13800138000"]' '{"a":1}' 1.5 1e3; do
      spoiled=$(sed -E "s/\"(mobile|phone|expect)\":(\"[^\"]*\"|[0-9]+)/\"\\1\":$value/" <<<"$body")
      post_json "$path" "$spoiled"
      not_a_success
    done
  done < <(json_endpoints)
  nothing_happened
}

@test "JSON that nests too deep, has too many members, or a NUL in a text" {
  local deep many
  deep=$(printf '[%.0s' {1..200})$(printf ']%.0s' {1..200})
  many=$(printf '"k%d":1,' {1..300})
  while read -r path body; do
    post_json "$path" "{\"a\":$deep,${body#?}"
    refused 400
    post_json "$path" "{$many${body#?}"
    refused 400
    post_json "$path" "${body/$phone/$phone\\u0000}"
    not_a_success
  done < <(json_endpoints | grep -v sendsms)
  nothing_happened
}

@test "bytes that are not UTF-8" {
  while read -r path body; do
    printf '%s' "${body/1/$'\xff'1}" >"$BATS_TEST_TMPDIR/bytes"
    request "$BASE$path" -H 'Content-Type: application/json' --data-binary "@$BATS_TEST_TMPDIR/bytes"
    not_a_success
    printf 'phone=%s%%ff&mobile=%s%%ff&type=1' "$phone" "$phone" >"$BATS_TEST_TMPDIR/bytes"
    request "$BASE$path" --data-binary "@$BATS_TEST_TMPDIR/bytes"
    not_a_success
  done < <(json_endpoints | grep -v sendsms)
  nothing_happened
}

@test "a content type that the route does not read" {
  while read -r path body; do
    for type in text/plain application/xml 'application/json; charset=utf-16' application/octet-stream; do
      request "$BASE$path" -H "Content-Type: $type" -d "$body"
      refused 415
    done
  done < <(json_endpoints)
  nothing_happened
}

@test "one field with two values in path, query and body, and one field twice" {
  post "/api/v4.0/sendsms/$phone?mobile=13800138000" expect=0
  refused 400
  post "/api/v4.0/sendsms/$phone" mobile=13800138000 expect=0
  refused 400
  post "/api/v4.0/sendsms/$phone?expect=0" expect=1
  refused 400
  post "/api/v4.0/sendsms/$phone?expect=0&expect=1"
  refused 400
  post "/api/v4.0/register?phone=13800138000" "phone=$phone" name=n password=bad-pass-1 code=123456
  refused 400
  post /api/Smssend/doSend "mobile=$phone" mobile=13800138000 type=1
  refused 400
  post /module/main/send_code "phone=$phone" phone=13800138000 type=register
  refused 400
  post "/api/sms/send?data%5Battributes%5D%5Bmobile%5D=13800138000" "data[attributes][mobile]=$phone" "data[attributes][type]=login"
  refused 400
  nothing_happened
  equal 0 "$(messages_to 13800138000)"
}

@test "more than one number, or none" {
  local value
  for value in "$phone,13800138000" "$phone;13800138000" "$phone 13800138000" "$phone"$'\n'"13800138000" "$phone|1" "" " " + 86 +86 0; do
    post /api/Smssend/doSend "mobile=$value" internationalCode=+86 type=1
    not_a_success
    post /module/main/send_code "phone=$value" type=register
    not_a_success
    discuzq send "$(jq -cn --arg mobile "$value" '{mobile: $mobile, type: "login"}')"
    not_a_success
  done
  post /api/Smssend/doSend "mobile[]=$phone" type=1
  not_a_success
  get "/api/v4.0/sendsms/$phone%2c13800138000"
  not_a_success
  nothing_happened
}

@test "spellings that are no number: other digits, marks, letters, other countries' codes twice" {
  local value
  for value in "１${phone:1}" "$phone"x "$phone"e1 "０$phone" "٠$phone" $'\u200b'"$phone" "$phone"$'\u202e' $'\ufeff'"$phone" \
    "$phone"$'\t' $'\u00a0'"$phone" "$phone"$'\u3000' "%2B86$phone" "+86+86$phone" "(+86)$phone" "0$phone" "+86 0$phone" \
    "${phone}0" "${phone%?}" "12${phone:2}" "10${phone:2}" "-$phone" "${phone}.0" "²$phone"; do
    post /module/main/send_code "phone=$value" type=register
    not_a_success
    post /api/Smssend/doSend "mobile=$value" internationalCode=+86 type=1
    not_a_success
  done
  post /api/Smssend/doSend "mobile=+855$phone" internationalCode=+86 type=1
  not_a_success
  nothing_happened
}

@test "paths with an encoded slash, dots or NUL" {
  local path
  for path in "..%2f$phone" "%2e%2e/$phone" "$phone%00" "$phone%2f..%2f" "$phone/" "/$phone" "%"; do
    request --path-as-is -X POST "$BASE/api/v4.0/sendsms/$path"
    case $reply_status in 4??) ;; *) not_a_success ;; esac
  done
  nothing_happened
}

@test "passwords that break the rule, or differ from their repetition, make no account" {
  post "/api/v4.0/sendsms/$phone" expect=0
  code_for "$phone" register
  local password
  for password in short 'this one is too long'; do
    post /api/v4.0/register "phone=$phone" name=n "password=$password" device_identifier=d "code=$code"
    not_a_success
  done
  post /api/user/reg "mobile=+86$phone" "mobilecode=$code" pass=bad-pass-1 passcheck=bad-pass-2
  expect .code 10023
  post /module/main/register "phone=$phone" "code=$code" password=bad-pass-1 password2=bad-pass-2
  not_a_success
  post /api/user/reg "mobile=+86$phone" "mobilecode=$code" pass=bad-pass-1 passcheck=bad-pass-1 transpw=12345
  not_a_success
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$phone'")"
}

@test "fields that only the server may set are not taken from a request" {
  post "/api/v4.0/sendsms/$phone" expect=0
  code_for "$phone" register
  post /api/v4.0/register "phone=$phone" name=n password=bad-pass-1 device_identifier=d "code=$code" \
    type=admin status=9 integral=1000000 phone_active=0 user_id=1 uid=1 enterprise_id=7 role=admin
  expect .code 200
  expect .data.enterprise_id -1
  equal "0|0" "$(sql "SELECT status, points FROM account WHERE phone = '+86$phone'")"
  [ "$(sql "SELECT role FROM account WHERE phone = '+86$phone'")" != admin ]
}

@test "SQL in every field is text" {
  local value
  for value in "' OR '1'='1" "'; DROP TABLE account; --" '" OR ""="' "\\' OR 1=1 -- " '%' ':p1' '?'; do
    post /api/v4.0/login "phone=$value" "password=$value"
    not_a_success
    post /api/v4.0/login "phone=$phone" "password=$value" "device_identifier=$value"
    not_a_success
    post /api/Smssend/doSend "mobile=$phone$value" "uuid=$value" "username=$value" type=1
    not_a_success
    discuzq send '{"type":"verify"}' "$value"
    refused 401
  done
  nothing_happened
  [ "$(sql "SELECT COUNT(*) FROM account")" -ge 0 ]
}
