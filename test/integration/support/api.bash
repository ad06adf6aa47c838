# Requests to the server under test, and what to expect of the replies. Each request leaves reply_status, reply_head (a file)
# and reply_body, and adds the reply to $TRAFFIC, where end_server looks for secrets.

# request CURL-ARGUMENT…
request() {
  reply_head=$BATS_TEST_TMPDIR/head
  local body=$BATS_TEST_TMPDIR/body
  : >"$body"
  : >"$reply_head"
  reply_status=$(curl -sS --max-time 20 -o "$body" -D "$reply_head" -w '%{http_code}' "$@") || {
    echo "curl failed ($?): $*" >&2
    return 1
  }
  reply_body=$(cat "$body")
  { cat "$reply_head"; printf '%s\n' "$reply_body"; } >>"$TRAFFIC"
}

# post PATH NAME=VALUE…: a form.
post() {
  local path=$1 words=()
  shift
  for pair in "$@"; do words+=(--data-urlencode "$pair"); done
  [ ${#words[@]} -gt 0 ] || words=(-d '')
  request "$BASE$path" "${words[@]}"
}

# post_json PATH JSON CURL-ARGUMENT…
post_json() {
  local path=$1 json=$2
  shift 2
  request "$BASE$path" -H 'Content-Type: application/json' -d "$json" "$@"
}

# get PATH CURL-ARGUMENT…
get() {
  local path=$1
  shift
  request "$BASE$path" "$@"
}

# discuzq send|verify ATTRIBUTES-JSON [TOKEN]
discuzq() {
  local words=()
  [ -z "${3:-}" ] || words=(-H "Authorization: Bearer $3")
  post_json "/api/sms/$1" "{\"data\":{\"attributes\":$2}}" "${words[@]}"
}

# value JQ-PATH: of the reply's body.
value() { jq -r "$1" <<<"$reply_body"; }

header() { sed -nE "s/^$1: *(.*[^[:space:]])[[:space:]]*\$/\1/Ip" "$reply_head"; }

expect_status() {
  [ "$reply_status" = "$1" ] || { echo "expected status $1, got $reply_status: $reply_body" >&2; return 1; }
}

# expect JQ-PATH JSON: the value and its type.
expect() {
  local got
  got=$(jq -c "$1" <<<"$reply_body") || { echo "not JSON: $reply_body" >&2; return 1; }
  [ "$got" = "$2" ] || { echo "expected $1 = $2, got $got in $reply_status $reply_body" >&2; return 1; }
}

expect_retry_after() {
  [[ $(header Retry-After) =~ ^[1-9][0-9]*$ ]] || { echo "expected Retry-After in: $(cat "$reply_head")" >&2; return 1; }
}

# equal EXPECTED GOT
equal() { [ "$1" = "$2" ] || { echo "expected '$1', got '$2'" >&2; return 1; }; }

# new_phone: a mainland number (11 digits) that no other test of this file has. In $phone.
new_phone() {
  local counter=$BATS_FILE_TMPDIR/phones number
  number=$(($(cat "$counter" 2>/dev/null || echo 10000000) + 1))
  echo "$number" >"$counter"
  phone=139$number
}

# code_for PHONE PURPOSE: the newest code in the spool. In $code.
code_for() {
  code=$(jq -r "select(.to == \"+86$1\" and .purpose == \"$2\") | .code" "$SPOOL" | tail -n 1)
  [[ $code =~ ^[1-9][0-9]{5}$ ]] || { echo "no code for $1, $2 in the spool" >&2; return 1; }
}

# another_code CODE: six digits that are not it.
another_code() { if [ "$1" = 100000 ]; then echo 100001; else echo 100000; fi; }

# messages_to PHONE: how many.
messages_to() { if [ -e "$SPOOL" ]; then jq -r "select(.to == \"+86$1\") | .id" "$SPOOL" | wc -l; else echo 0; fi; }

messages() { if [ -e "$SPOOL" ]; then wc -l <"$SPOOL"; else echo 0; fi; }

# send_login PHONE, in $code.
send_login() {
  discuzq send "{\"mobile\":\"$1\",\"type\":\"login\"}"
  expect '.data.attributes.interval' 60
  code_for "$1" login
}

# sign_in PHONE: an account by code, through discuzq. In $token and $refresh_token.
sign_in() {
  send_login "$1"
  discuzq verify "{\"mobile\":\"$1\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 200
  token=$(value .data.attributes.access_token)
  refresh_token=$(value .data.attributes.refresh_token)
}

# register_v4 PHONE PASSWORD: an account with a password.
register_v4() {
  post "/api/v4.0/sendsms/$1" expect=0
  expect .code '"200"'
  code_for "$1" register
  post /api/v4.0/register "phone=$1" name=tester "password=$2" device_identifier=device-1 "code=$code"
  expect .code 200
}

# token_is_good TOKEN, token_is_bad TOKEN: asks with a request that changes nothing, since its type is unknown.
token_is_good() {
  discuzq send '{"mobile":"","type":"unknown"}' "$1"
  expect_status 422
}
token_is_bad() {
  discuzq send '{"mobile":"","type":"unknown"}' "$1"
  expect_status 401
}
