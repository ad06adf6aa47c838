# Behind a real nginx with conf/nginx.conf.example: the dialects work, limits see the client, and nothing is sent twice.

setup_file() {
  load support/server
  export PLANTED_SECRETS="nginx-pass-1 planted-in-query"
  start_server --trusted-proxy 127.0.0.1 --ip-sends-per-hour 3 --ip-sends-per-day 100
  start_nginx
}

teardown_file() {
  load support/server
  stop_nginx
  end_server
}

setup() {
  load support/server
  export NGINX=$BATS_FILE_TMPDIR/nginx
  new_phone
  BASE=https://127.0.0.1:$(cat "$NGINX/port")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_nginx: the shipped example with ports, certificate and log paths of this test, inside the least http{} block.
start_nginx() {
  local port upstream=${BASE#http://}
  export NGINX=$BATS_FILE_TMPDIR/nginx
  mkdir -p "$NGINX/tmp"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$NGINX/key" -out "$NGINX/certificate" -days 2 -subj /CN=127.0.0.1 2>/dev/null
  port=$(free_port)
  free_port >"$NGINX/broken_port"
  echo "$port" >"$NGINX/port"
  substituted() {
    sed -e "s#127.0.0.1:8080#$1#" -e "s#listen 443#listen 127.0.0.1:$2#" -e "s#/etc/ssl/certs/[^;]*#$NGINX/certificate#" \
      -e "s#/etc/ssl/private/[^;]*#$NGINX/key#" -e "s#/var/log/nginx/#$NGINX/#" "$scripts_directory/../conf/nginx.conf.example"
  }
  {
    [ "$(id -u)" != 0 ] || echo 'user root;'
    echo "worker_processes 2; pid $NGINX/pid; error_log $NGINX/start.log; events { worker_connections 1024; }"
    echo "http { client_body_temp_path $NGINX/tmp; proxy_temp_path $NGINX/tmp; fastcgi_temp_path $NGINX/tmp;"
    echo "uwsgi_temp_path $NGINX/tmp; scgi_temp_path $NGINX/tmp;"
    substituted "$upstream" "$port"
    echo '}'
  } >"$NGINX/nginx.conf"
  nginx_command -t
  nginx_command
  wait_until 10 nginx_answers
}

nginx_command() { PATH=$PATH:/usr/sbin nginx -p "$NGINX" -c "$NGINX/nginx.conf" "$@" 3>&- 4>&- 2>"$NGINX/command.log" || { cat "$NGINX/command.log" >&2; return 1; }; }
nginx_answers() { curl -sk -o /dev/null "https://127.0.0.1:$(cat "$NGINX/port")/"; }
stop_nginx() {
  export NGINX=$BATS_FILE_TMPDIR/nginx
  nginx_command -s quit
  wait_until 10 nginx_is_gone
}
nginx_is_gone() { [ ! -e "$NGINX/pid" ]; }

# Through nginx, from an address of loopback that is not nginx's own.
request_from() {
  local address=$1
  shift
  request -k --interface "$address" "$@"
}

@test "each dialect works through TLS and nginx" {
  request_from 127.0.1.1 "$BASE/api/sms/send" -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"mobile\":\"$phone\",\"type\":\"login\"}}}"
  expect_status 201
  code_for "$phone" login
  request_from 127.0.1.1 "$BASE/api/sms/verify" -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}}}"
  expect_status 200

  new_phone
  request_from 127.0.1.2 -X POST "$BASE/api/v4.0/sendsms/$phone?expect=0"
  expect .code '"200"'
  code_for "$phone" register
  request_from 127.0.1.2 "$BASE/api/v4.0/register" -d "phone=$phone" -d name=n -d password=nginx-pass-1 -d device_identifier=d -d "code=$code"
  expect .code 200

  new_phone
  request_from 127.0.1.3 "$BASE/api/Smssend/doSend" -d "mobile=$phone" -d internationalCode=%2B86 -d type=1
  expect .code 0
  code_for "$phone" register
  request_from 127.0.1.3 "$BASE/api/user/reg" -d "mobile=%2B86$phone" -d "mobilecode=$code" -d pass=nginx-pass-1 -d passcheck=nginx-pass-1
  expect .code 0

  new_phone
  request_from 127.0.1.4 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register
  expect .status 200
  code_for "$phone" register
  request_from 127.0.1.4 "$BASE/module/main/register" -d "phone=$phone" -d "code=$code"
  expect .status 200
}

@test "X-Forwarded-For of a client moves no limit, and one client's limit is not another's" {
  local sent=0 number
  for number in 1 2 3 4 5 6; do
    new_phone
    request_from 127.0.2.1 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register \
      -H "X-Forwarded-For: 203.0.113.$number, 198.51.100.$number" -H "X-Real-IP: 203.0.113.$number"
    sent=$((sent + $(messages_to "$phone")))
  done
  equal 3 "$sent"
  new_phone
  request_from 127.0.2.2 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register
  equal 1 "$(messages_to "$phone")"
}

@test "the request id of nginx's log is that of ours" {
  request_from 127.0.1.5 "$BASE/api/v4.0/login?phone=1"
  local id
  id=$(header X-Request-Id)
  log_has "$id"
  in_access_log() { grep -q "$id" "$NGINX/smsauthd.access.log"; }
  wait_until 5 in_access_log
}

@test "what is too large ends at nginx" {
  request_from 127.0.1.6 "$BASE/module/main/login" -d "phone=1&pad=$(head -c 20000 /dev/zero | tr '\0' a)"
  expect_status 413
  request_from 127.0.1.6 "$BASE/api/v4.0/login?pad=$(head -c 3000 /dev/zero | tr '\0' a)"
  expect_status 414
}

@test "when the upstream dies under a request, nginx sends it once and answers busy in the dialect's shape" {
  local count=$NGINX/requests port
  port=$(cat "$NGINX/broken_port")
  : >"$count"
  # Answers a first request on a connection, and dies under the second: the case in which nginx would try again.
  python3 "$support_directory/dying_upstream.py" "$port" "$count" 3>&- 4>&- &
  local upstream=$!
  wait_until 5 test -e "$count.listening"
  sed "s#server 127.0.0.1:[0-9]*;#server 127.0.0.1:$port;#" "$NGINX/nginx.conf" >"$NGINX/broken.conf"
  cp "$NGINX/nginx.conf" "$NGINX/whole.conf"
  cp "$NGINX/broken.conf" "$NGINX/nginx.conf"
  nginx_command -s reload
  reaches_broken() { curl -sk "$BASE/alive" | grep -q dying; }
  wait_until 5 reaches_broken

  local method path
  for path in /api/v4.0/login /api/Smssend/doSend /module/main/login /api/sms/send; do
    for method in POST GET; do
      : >"$count"
      request -k -X "$method" "$BASE/alive"
      request -k -X "$method" "$BASE$path?password=planted-in-query" -d ''
      expect_status 503
      expect_retry_after
      equal 1 "$(grep -c "^$method $path" "$count")"
      case $path in
        /api/v4.0/*) expect .code -9 ;;
        /api/Smssend/*) expect .code 10090 ;;
        /module/*) expect .status 0 ;;
        *) expect '.errors[0].code' '"service_unavailable"' ;;
      esac
    done
  done
  kill "$upstream"
  cp "$NGINX/whole.conf" "$NGINX/nginx.conf"
  nginx_command -s reload
  reaches_ours() { curl -sk "$BASE/api/v4.0/login" | grep -q '"code"'; }
  wait_until 5 reaches_ours
}

@test "nginx's own logs hold no query, code, password or number" {
  request_from 127.0.3.1 -X POST "$BASE/api/v4.0/sendsms/$phone?expect=0"
  expect .code '"200"'
  code_for "$phone" register
  request_from 127.0.3.1 "$BASE/api/v4.0/register?phone=$phone&name=n&password=nginx-pass-1&device_identifier=d&code=$code"
  expect .code 200
  kill_server
  request_from 127.0.3.1 "$BASE/api/v4.0/login?phone=$phone&password=nginx-pass-1"
  expect_status 503
  request_from 127.0.3.1 "$BASE/api/v4.0/isregister/$phone"
  launch --listen "$(sed -nE 's/.*server (127[0-9.:]+);.*/\1/p' "$NGINX/nginx.conf")" --trusted-proxy 127.0.0.1 \
    --ip-sends-per-hour 3 --ip-sends-per-day 100
  grep -q 'sendsms/\*\*\*' "$NGINX/smsauthd.access.log"
  cat "$NGINX"/*.log >"$NGINX/all"
  run ! grep -qE "$phone|nginx-pass-1|planted-in-query|[?]|\b$code\b" "$NGINX/all"
}
