# The HTTP edge of the shipped binary: methods, unknown paths, limits, keep-alive, pipelining, common fields.

setup_file() {
  load support/server
  start_server
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

# raw TEXT: sends the bytes (printf escapes) over one connection, and what comes back until the server closes it or is
# silent for two seconds. In $reply.
raw() {
  local address=${BASE#http://}
  reply=$(printf "$1" | timeout 15 nc -w 2 "${address%:*}" "${address##*:}" | tr -d '\r')
  printf '%s\n' "$reply" >>"$TRAFFIC"
}

statuses() { grep -oE '^HTTP/1.1 [0-9]{3}|HTTP/1.1 [0-9]{3} ' <<<"$reply" | grep -oE '[0-9]{3}' | tr '\n' ' '; }

# The routes that have an effect on POST. A line: METHODS PATH
routes() {
  cat <<END
POST /api/sms/send
POST /api/sms/verify
POST /api/refresh-token
POST,GET /api/v4.0/sendsms/$phone
GET /api/v4.0/isregister/$phone
POST,GET /api/v4.0/register
POST,GET /api/v4.0/login
POST,GET /api/v4.0/verify_code
POST,GET /api/v4.0/forget_password
POST /api/Smssend/doSend
POST /api/user/userExist
POST /api/user/reg
POST /api/user/userLogin
POST /api/user/reSetPass
POST /api/Systeminfo/CountryCode
POST /module/main/send_code
POST /module/main/register
POST /module/main/login
POST /module/main/reset_password
END
}

@test "HEAD and OPTIONS have no effect on any route" {
  local before
  before=$(messages)
  while read -r methods path; do
    request -X OPTIONS "$BASE$path"
    case $reply_status in 200 | 204 | 405) ;; *) echo "OPTIONS $path: $reply_status" >&2; return 1 ;; esac
    request -I "$BASE$path?mobile=$phone&phone=$phone&type=1&expect=0"
    run ! grep -q '{' <<<"$reply_body"  # curl -I leaves the header fields here
  done < <(routes)
  equal "$before" "$(messages)"
  equal 0 "$(sql "SELECT COUNT(*) FROM phone_quota WHERE phone = '+86$phone'")"
}

@test "a method that a route does not have is 405 with Allow, in JSON" {
  while read -r methods path; do
    for method in PUT DELETE PATCH; do
      request -X "$method" "$BASE$path" -d ''
      expect_status 405
      [[ $(header Allow) == *"${methods%%,*}"* ]]
      jq -e . <<<"$reply_body"
    done
    case $methods in *GET*) continue ;; esac
    get "$path"
    expect_status 405
  done < <(routes)
}

@test "TRACE and made-up methods are refused" {
  raw 'TRACE /api/sms/send HTTP/1.1\r\nHost: a\r\nX-Secret: 1\r\nConnection: close\r\n\r\n'
  [[ $(statuses) =~ ^(400|405|501)\ $ ]]
  [[ $reply != *X-Secret* ]]
  raw 'BREW /api/sms/send HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  [[ $(statuses) =~ ^(400|405|501)\ $ ]]
}

@test "an unknown path is 404 in the shape of the dialect it belongs to" {
  post /api/sms/nothing
  expect_status 404
  expect '.errors[0].code' '"route_not_found"'
  post /api/v4.0/nothing
  expect_status 404
  expect '.data' '""'
  post /api/Smssend/nothing
  expect_status 404
  expect '.data' '[]'
  post /module/main/nothing
  expect_status 404
  expect '.status' 0
  get /
  expect_status 404
  get /.git/config
  expect_status 404
}

@test "every reply has the common fields and no version" {
  for path in /api/sms/send /api/v4.0/login /api/Smssend/doSend /module/main/login /nothing; do
    post "$path"
    equal no-store "$(header Cache-Control)"
    equal nosniff "$(header X-Content-Type-Options)"
    [ -n "$(header X-Request-Id)" ]
    [[ $(header Server) != *[0-9]* ]]
    [[ $(header Content-Type) =~ json ]]
  done
}

@test "a request id is not taken from a client, nor is CORS open" {
  post_json /module/main/login '{}' -H 'X-Request-Id: chosen-by-client' -H 'Origin: https://evil.example'
  [ "$(header X-Request-Id)" != chosen-by-client ]
  equal "" "$(header Access-Control-Allow-Origin)"
  post_json /api/sms/send '{}' -H 'Origin: https://evil.example'
  [ "$(header Access-Control-Allow-Origin)" != https://evil.example ]
}

@test "a body over 16 KiB is 413, one of 16 KiB is read" {
  local body
  body=$(head -c $((16 * 1024 - 12)) /dev/zero | tr '\0' a)
  request "$BASE/module/main/login" -d "phone=1&pad=$body"
  expect_status 200
  request "$BASE/module/main/login" -d "phone=1&pad=${body}a"
  expect_status 413
  request "$BASE/module/main/login" -H 'Transfer-Encoding: chunked' -d "phone=1&pad=$body$body"
  expect_status 413
}

@test "a target over 2 KiB is 414" {
  local pad
  pad=$(head -c 2100 /dev/zero | tr '\0' a)
  get "/api/v4.0/login?phone=1&password=$pad"
  expect_status 414
  get "/api/v4.0/login?phone=1&password=${pad:0:1900}"
  expect_status 200
}

@test "a header over 8 KiB, and one of too many fields, are 431; more than 64 parameters are 400" {
  local pad fields=() parameters=() number
  pad=$(head -c 8200 /dev/zero | tr '\0' a)
  get /api/v4.0/login -H "X-Pad: $pad"
  expect_status 431
  for number in {1..120}; do fields+=(-H "X-Field-$number: 1"); done
  get /api/v4.0/login "${fields[@]}"
  expect_status 431
  for number in {1..64}; do parameters+=("field$number=1"); done
  post /api/v4.0/login "${parameters[@]}"
  expect_status 200
  post /api/v4.0/login "${parameters[@]}" one=more
  expect_status 400
}

@test "keep-alive: many requests over one connection" {
  local urls=() number
  for number in {1..50}; do urls+=("$BASE/api/v4.0/login?phone=1"); done
  local connects
  connects=$(curl -sS -o /dev/null -w '%{num_connects}\n' "${urls[@]}" | awk '{ sum += $1 } END { print sum }')
  equal 1 "$connects"
}

@test "pipelining: requests sent together are answered in order" {
  local one="GET /api/v4.0/isregister/$phone?expect=1 HTTP/1.1\r\nHost: a\r\n\r\n"
  local other="GET /api/v4.0/isregister/$phone?expect=0 HTTP/1.1\r\nHost: a\r\n"
  raw "$one${other}\r\n$one${other}Connection: close\r\n\r\n"
  equal "200 200 200 200 " "$(statuses)"
  equal "-1 200 -1 200 " "$(grep -oE '"code":(-1|200)' <<<"$reply" | cut -d: -f2 | tr '\n' ' ')"
}

@test "what would be read differently by a proxy is refused and the connection closed" {
  local body="phone=$phone&type=register" request
  local path='POST /module/main/send_code HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n'
  for request in \
    "${path}Transfer-Encoding: gzip\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "${path}Transfer-Encoding: identity\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "${path}Transfer-Encoding: chunked\r\nContent-Length: ${#body}\r\n\r\n0\r\n\r\n" \
    "${path}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" \
    "${path}Content-Length: ${#body}\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "${path}Content-Length: ${#body}, ${#body}\r\n\r\n$body" \
    "${path}Content-Length: +${#body}\r\n\r\n$body" \
    "${path}Host: b\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "POST /module/main/send_code HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "${path}X-A: 1\r\n folded\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "${path}X-A : 1\r\nContent-Length: ${#body}\r\n\r\n$body" \
    "POST /module/main/send_code HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" \
    "POST module/main/send_code HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"; do
    # A second request behind it must not be answered: nobody knows where it begins.
    raw "$request"'GET /api/v4.0/login HTTP/1.1\r\nHost: a\r\n\r\n'
    [[ $(statuses) =~ ^(400|501)\ $ ]] || { echo "$(statuses)for $request" >&2; return 1; }
  done
  equal 0 "$(messages_to "$phone")"
}

@test "trailers are dropped: none becomes a header of this or the next request" {
  sign_in "$phone"
  local body='{"data":{"attributes":{"type":"verify"}}}'
  raw "POST /api/sms/send HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n$(printf '%x' ${#body})\r\n$body\r\n0\r\nAuthorization: Bearer $token\r\n\r\n"
  [[ $(statuses) != "201 " ]]
}

@test "the Host of a request decides nothing" {
  post /module/main/send_code "phone=$phone" type=register
  code_for "$phone" register
  post_json /module/main/register "{\"phone\":\"$phone\",\"code\":\"$code\"}" -H 'Host: evil.example'
  expect .status 200
  local claims
  claims=$(value .data.token | cut -d. -f2 | tr '_-' '/+')
  claims=$(base64 -d <<<"$claims$(printf '=%.0s' $(seq $(((4 - ${#claims} % 4) % 4))))" 2>/dev/null)
  [[ $claims == *module/main/register* ]]
  [[ $claims != *evil* ]]
}

@test "the admin listener tells health, and the API listener does not" {
  request "$ADMIN/healthz"
  expect_status 200
  request "$ADMIN/readyz"
  expect_status 200
  get /readyz
  expect_status 404
  request -X POST "$ADMIN/healthz" -d ''
  expect_status 405
}
