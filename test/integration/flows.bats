# Each dialect's main flow, as its own clients run it.

setup_file() {
  load support/server
  export PLANTED_SECRETS="flow-pass-1 flow-pass-2 flow-pass-3"
  start_server
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

@test "discuzq: a code makes an account, logs it in, and its refresh token rotates" {
  sign_in "$phone"
  expect .data.type '"token"'
  expect .data.attributes.token_type '"Bearer"'
  expect .data.attributes.expires_in 2592000
  token_is_good "$token"

  request "$BASE/api/refresh-token" -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"grant_type\":\"refresh_token\",\"refresh_token\":\"$refresh_token\"}}}"
  expect_status 200
  [ "$(value .data.attributes.refresh_token)" != "$refresh_token" ]
  token_is_good "$(value .data.attributes.access_token)"
}

@test "discuzq: an unknown number without register gets no_bind_user and a token, and no account" {
  send_login "$phone"
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\"}"
  expect_status 400
  expect '.errors[0].code' '"no_bind_user"'
  [[ $(value '.errors[0].token') =~ ^[A-Za-z0-9]{40}$ ]]
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$phone'")"
}

@test "discuzq: rebind needs the old number's proof, moves the account, and ends its other sessions" {
  sign_in "$phone"
  local old=$phone first=$token
  new_phone
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"rebind\"}" "$first"
  expect_status 422

  discuzq send '{"type":"verify"}' "$first"
  expect_status 201
  code_for "$old" verify
  discuzq verify "{\"type\":\"verify\",\"code\":\"$code\"}" "$first"
  expect_status 200

  discuzq send "{\"mobile\":\"$phone\",\"type\":\"rebind\"}" "$first"
  expect_status 201
  code_for "$phone" rebind
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"rebind\",\"code\":\"$code\"}" "$first"
  expect_status 200
  equal "" "$(sql "SELECT uid FROM identity WHERE phone = '+86$old'")"
  [ -n "$(sql "SELECT uid FROM identity WHERE phone = '+86$phone'")" ]
}

@test "discuzq: a reset code changes the password and ends the sessions" {
  register_v4 "$phone" flow-pass-1
  post_phone_login() { post /api/v4.0/login "phone=$phone" "password=$1" device_identifier=device-1; }
  send_login "$phone"
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\"}"
  local old_token
  old_token=$(value .data.attributes.access_token)

  discuzq send "{\"mobile\":\"$phone\",\"type\":\"reset_pwd\"}"
  expect_status 201
  code_for "$phone" reset_password
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"reset_pwd\",\"code\":\"$code\",\"password\":\"flow-pass-2\"}"
  expect_status 200
  post_phone_login flow-pass-1
  expect .code -1
  post_phone_login flow-pass-2
  expect .code 200
  token_is_bad "$old_token"
}

@test "v4: send, register, log in from another device, forget the password, log in again" {
  post "/api/v4.0/sendsms/$phone" expect=0
  expect . '{"code":"200","msg":"发送成功"}'
  code_for "$phone" register
  post /api/v4.0/register "phone=$phone" name=Wang password=flow-pass-1 device_identifier=device-1 "code=$code"
  expect .code 200
  expect .data.enterprise_id -1
  expect .data.change_device false
  post /api/v4.0/login "phone=$phone" password=flow-pass-1 device_identifier=device-2
  expect .code 200
  expect .data.enterprise_id '"-1"'
  expect .data.change_device true
  [[ $(value .data.token) =~ ^[0-9a-f]{32}$ ]]

  post "/api/v4.0/sendsms/$phone" expect=1
  expect .code '"200"'
  code_for "$phone" reset_password
  get "/api/v4.0/verify_code?phone=$phone&code=$code"
  expect .code 200
  post /api/v4.0/forget_password "phone=$phone" password=flow-pass-2 "reset_token=$(value .data.reset_token)"
  expect . '{"code":200,"data":"","msg":"修改成功"}'
  post /api/v4.0/login "phone=$phone" password=flow-pass-1
  expect .code -1
  post /api/v4.0/login "phone=$phone" password=flow-pass-2
  expect .code 200
}

@test "v4: forget_password without a proof of the phone changes nothing" {
  register_v4 "$phone" flow-pass-1
  post /api/v4.0/forget_password "phone=$phone" password=flow-pass-3
  [ "$(value .code)" != 200 ]
  post /api/v4.0/login "phone=$phone" password=flow-pass-1
  expect .code 200
}

@test "v4: isregister tells what it is asked" {
  get "/api/v4.0/isregister/$phone?expect=0"
  expect .code 200
  get "/api/v4.0/isregister/$phone?expect=1"
  expect .code -1
  register_v4 "$phone" flow-pass-1
  get "/api/v4.0/isregister/$phone"
  expect .code -1
  expect .data '""'
}

@test "smssend: send, register, log in, reset the password" {
  post /api/Smssend/doSend "mobile=$phone" internationalCode=+86 uuid= username= type=1
  expect . '{"code":0,"msg":"成功","data":{"timeless":180,"nexttime":120,"code":""}}'
  code_for "$phone" register
  post /api/user/reg internationalcode=+86 username= "mobile=+86$phone" "mobilecode=$code" country_code=CN \
    pass=flow-pass-1 passcheck=flow-pass-1 transpw=123450 set_lang=zh-CN
  expect .code 0
  [ -n "$(value .data.uuid)" ]
  post /api/user/userExist "mobile=+86$phone" username= internationalcode=+86
  expect .data.exist true
  post /api/user/userLogin "mobile=+86$phone" pass=flow-pass-1 username= deviceid=d platform=web
  expect .code 0
  expect .data.info.is_set_paypassword 1

  post /api/Smssend/doSend "mobile=+86$phone" type=2 "uuid=$(value .data.info.uuid)" "username=$phone"
  expect .code 0
  code_for "$phone" reset_password
  post /api/user/reSetPass "mobile=+86$phone" "code=$code" newpass=flow-pass-2 newpassck=flow-pass-2 type=2
  expect .code 0
  post /api/user/userLogin "mobile=+86$phone" pass=flow-pass-1
  expect .code 10021
  post /api/user/userLogin "mobile=+86$phone" pass=flow-pass-2
  expect .code 0
}

@test "smssend: a number of another country, with and without its national zero, is one number" {
  post /api/Smssend/doSend mobile=09171234567 internationalCode=+63 type=1
  expect .code 0
  post /api/Smssend/doSend mobile=+639171234567 internationalCode=+63 type=1
  expect .code 10032
  expect_retry_after
  equal 1 "$(jq -r 'select(.to == "+639171234567") | .id' "$SPOOL" | wc -l)"
}

@test "module: send, register without a password, log in by code, set a password" {
  post /module/main/send_code "phone=$phone" type=register
  expect .status 200
  code_for "$phone" register
  post /module/main/register "phone=$phone" "code=$code" reg_type=pc
  expect .status 200
  expect .msg '"登录成功!"'
  expect .data.set_password true
  expect .data.phone "\"$phone\""
  expect .data.username "\"${phone:0:3}****${phone:7}\""

  post /module/main/send_code "phone=$phone" type=login
  code_for "$phone" login
  post /module/main/login "phone=$phone" "code=$code"
  expect .status 200

  post /module/main/send_code "phone=$phone" type=reset
  code_for "$phone" reset_password
  post /module/main/reset_password "phone=$phone" "code=$code" password=flow-pass-2 password2=flow-pass-2
  expect .status 200
  post /module/main/login "phone=$phone" password=flow-pass-2
  expect .data.set_password false
}

@test "every dialect takes JSON as well as forms" {
  post_json "/api/v4.0/sendsms/$phone" '{"expect":0}'
  expect .code '"200"'
  new_phone
  post_json /api/Smssend/doSend "{\"mobile\":\"$phone\",\"internationalCode\":\"+86\",\"type\":1}"
  expect .code 0
  new_phone
  post_json /module/main/send_code "{\"phone\":\"$phone\",\"type\":\"register\"}"
  expect .status 200
  new_phone
  request "$BASE/api/sms/send" --data-urlencode "data[attributes][mobile]=$phone" --data-urlencode "data[attributes][type]=login"
  expect_status 201
  new_phone
  request "$BASE/module/main/send_code" -F "phone=$phone" -F type=register
  expect .status 200
}
