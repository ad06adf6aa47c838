# One user has one number: what one dialect made, every other one knows. And a code works for its purpose alone.

setup_file() {
  load support/server
  export PLANTED_SECRETS="cross-pass-1 cross-pass-2"
  start_server --phone-sends-per-hour 1000 --phone-sends-per-day 1000 --wrong-tries-per-day 0
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

# logs_in_everywhere PHONE PASSWORD: by password in three dialects and by code in the fourth; all see one user.
logs_in_everywhere() {
  post /api/v4.0/login "phone=$1" "password=$2"
  expect .code 200
  local public_id
  public_id=$(value .data.user_id)
  post /api/user/userLogin "mobile=+86$1" "pass=$2"
  expect .code 0
  equal "$public_id" "$(value .data.info.uuid)"
  post /module/main/login "phone=$1" "password=$2"
  expect .status 200
  local uid
  uid=$(value .data.uid)
  send_login "$1"
  discuzq verify "{\"mobile\":\"$1\",\"type\":\"login\",\"code\":\"$code\"}"
  expect_status 200
  equal "$uid" "$(value .data.id)"
  equal 1 "$(sql "SELECT COUNT(*) FROM account WHERE phone = '+86$1'")"
}

@test "an account of v4 logs in through every dialect" {
  register_v4 "$phone" cross-pass-1
  logs_in_everywhere "$phone" cross-pass-1
}

@test "an account of smssend logs in through every dialect" {
  post /api/Smssend/doSend "mobile=+86$phone" type=1
  code_for "$phone" register
  post /api/user/reg "mobile=+86$phone" "mobilecode=$code" pass=cross-pass-1 passcheck=cross-pass-1
  expect .code 0
  logs_in_everywhere "$phone" cross-pass-1
}

@test "an account of module logs in through every dialect" {
  post /module/main/send_code "phone=$phone" type=register
  code_for "$phone" register
  post /module/main/register "phone=$phone" "code=$code" password=cross-pass-1 password2=cross-pass-1
  expect .status 200
  logs_in_everywhere "$phone" cross-pass-1
}

@test "an account of discuzq logs in through every dialect once it has a password" {
  sign_in "$phone"
  post "/api/v4.0/sendsms/$phone" expect=1
  code_for "$phone" reset_password
  post /api/user/reSetPass "mobile=+86$phone" "code=$code" newpass=cross-pass-2 newpassck=cross-pass-2 type=2
  expect .code 0
  post /api/v4.0/login "phone=$phone" password=cross-pass-2
  expect .code 200
  post /api/user/userLogin "mobile=+86$phone" pass=cross-pass-2
  expect .code 0
  post /module/main/login "phone=$phone" password=cross-pass-2
  expect .status 200
}

@test "a code asked for in one dialect works in another, once" {
  post /api/Smssend/doSend "mobile=+86$phone" type=3
  expect .code 0
  code_for "$phone" login
  local login_code=$code
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$login_code\",\"register\":1}"
  expect_status 200
  post /module/main/login "phone=$phone" "code=$login_code"
  expect . '{"status":0,"msg":"验证码错误"}'
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$login_code\",\"register\":1}"
  expect_status 500
  expect '.errors[0].code' '"sms_verify_error"'
}

# The endpoints that take a code, and the purpose each is for. $phone $code $token
use_discuzq_login() { discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"; }
use_discuzq_bind() { discuzq verify "{\"mobile\":\"$phone\",\"type\":\"bind\",\"code\":\"$code\"}" "$token"; }
use_discuzq_rebind() { discuzq verify "{\"mobile\":\"$phone\",\"type\":\"rebind\",\"code\":\"$code\"}" "$token"; }
use_discuzq_reset_password() { discuzq verify "{\"mobile\":\"$phone\",\"type\":\"reset_pwd\",\"code\":\"$code\",\"password\":\"cross-pass-2\"}"; }
use_discuzq_verify() { discuzq verify "{\"type\":\"verify\",\"code\":\"$code\"}" "$token"; }
use_discuzq_reset_pay_password() {
  discuzq verify "{\"type\":\"reset_pay_pwd\",\"code\":\"$code\",\"pay_password\":\"864209\",\"pay_password_confirmation\":\"864209\"}" "$token"
}
use_v4_register() { post /api/v4.0/register "phone=$phone" name=n password=cross-pass-1 device_identifier=d "code=$code"; }
use_v4_reset_password() { post /api/v4.0/verify_code "phone=$phone" "code=$code"; }
use_v4forget_reset_password() { post /api/v4.0/forget_password "phone=$phone" password=cross-pass-2 "code=$code"; }
use_smssend_register() { post /api/user/reg "mobile=+86$phone" "mobilecode=$code" pass=cross-pass-1 passcheck=cross-pass-1; }
use_smssend_reset_password() { post /api/user/reSetPass "mobile=+86$phone" "code=$code" newpass=cross-pass-2 newpassck=cross-pass-2 type=2; }
use_module_register() { post /module/main/register "phone=$phone" "code=$code" password=cross-pass-1 password2=cross-pass-1; }
use_module_login() { post /module/main/login "phone=$phone" "code=$code"; }
use_module_reset_password() { post /module/main/reset_password "phone=$phone" "code=$code" password=cross-pass-2 password2=cross-pass-2; }

succeeded() {
  case $1 in
    use_discuzq_*) [ "$reply_status" = 200 ] ;;
    use_v4*) [ "$(value .code)" = 200 ] ;;
    use_smssend_*) [ "$(value .code)" = 0 ] ;;
    use_module_*) [ "$(value .status)" = 200 ] ;;
  esac
}

# fails_elsewhere PURPOSE: $code, issued for it, at every endpoint of another purpose.
fails_elsewhere() {
  local use
  for use in $(compgen -A function use_); do
    case $use in *_"$1") continue ;; esac
    "$use"
    if succeeded "$use"; then echo "a code for $1 worked in $use: $reply_body" >&2; return 1; fi
  done
}

@test "a login code works for login alone" {
  sign_in "$phone"  # another number's session: this one's gap for login codes is 60 s
  new_phone
  send_login "$phone"
  fails_elsewhere login
  # Every one that looked at a code was charged for it (OTP-07).
  is_at_most 8 "$(sql "SELECT wrong_tries FROM phone_quota WHERE phone = '+86$phone'")"
  use_discuzq_login
  succeeded use_discuzq_login
}

@test "a register code works for registration alone" {
  sign_in "$phone"
  new_phone
  post /api/Smssend/doSend "mobile=+86$phone" type=1
  expect .code 0
  code_for "$phone" register
  fails_elsewhere register
  use_v4_register
  succeeded use_v4_register
}

@test "a reset code works for the password reset alone" {
  sign_in "$phone"
  post /module/main/send_code "phone=$phone" type=reset
  expect .status 200
  code_for "$phone" reset_password
  fails_elsewhere reset_password
  use_v4_reset_password
  succeeded use_v4_reset_password
}

@test "a pay password code works for the pay password alone, and for the session that asked" {
  sign_in "$phone"
  local owner=$token
  discuzq send '{"type":"reset_pay_pwd"}' "$owner"
  expect_status 201
  code_for "$phone" reset_pay_password
  local pay_code=$code
  fails_elsewhere reset_pay_password

  local phone_of_owner=$phone
  new_phone
  sign_in "$phone"
  code=$pay_code
  use_discuzq_reset_pay_password
  run ! succeeded use_discuzq_reset_pay_password

  phone=$phone_of_owner token=$owner code=$pay_code
  use_discuzq_reset_pay_password
  succeeded use_discuzq_reset_pay_password
}

@test "a verify code works for the proof of the old number alone" {
  sign_in "$phone"
  discuzq send '{"type":"verify"}' "$token"
  expect_status 201
  code_for "$phone" verify
  fails_elsewhere verify
  use_discuzq_verify
  succeeded use_discuzq_verify
}

@test "a rebind code works for rebind alone" {
  sign_in "$phone"
  discuzq send '{"type":"verify"}' "$token"
  code_for "$phone" verify
  use_discuzq_verify
  expect_status 200
  new_phone
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"rebind\"}" "$token"
  expect_status 201
  code_for "$phone" rebind
  fails_elsewhere rebind
  use_discuzq_rebind
  succeeded use_discuzq_rebind
}

@test "codes for bind, rebind, pay password and proof that no session asked for work nowhere" {
  sign_in "$phone"
  local type
  for type in 4 5 6 7; do
    post /api/Smssend/doSend "mobile=+86$phone" "type=$type"
    expect .code 0
    code=$(tail -n 1 "$SPOOL" | jq -r .code)
    fails_elsewhere nothing
  done
}
