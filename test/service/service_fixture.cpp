#include "service/service_fixture.hpp"

namespace smsauth::test {

core::phone_number new_phone() {
  static std::atomic<int> next{10'000'000};
  return core::parse_phone("138" + std::to_string(next++), 86, {}).value();
}

service::send_request sending(const core::phone_number& to, core::purpose why, std::string owner) {
  service::send_request request(to, why);
  request.owner = std::move(owner);
  return request;
}

service::code_login_request login_with(const core::phone_number& phone, std::string_view code, bool create) {
  service::code_login_request request(phone, code);
  request.create_if_missing = create;
  return request;
}

service::registration_request registration_with(const core::phone_number& phone, std::string_view code,
                                                std::optional<std::string_view> password) {
  service::registration_request request(phone, code);
  request.password = password;
  return request;
}

fixture::fixture(store::sql_flavor flavor, set_up wanted) : wanted_(std::move(wanted)) {
  if (flavor == store::sql_flavor::sqlite || wanted_.own_database) own_ = std::make_unique<fresh_database>(flavor);
  database_ = own_ ? own_.get() : &shared_mariadb();
  node_ = new_node();
}

fixture::~fixture() = default;

service::settings fixture::config() const {
  service::settings made = test_settings();
  if (wanted_.configure) wanted_.configure(made);
  return made;
}

std::unique_ptr<test_node> fixture::new_node(const service::settings& config) {
  return std::make_unique<test_node>(where(), config, time, gateway, test_master_key, wanted_.hash_queue);
}

std::string fixture::send_code(const client& who, const core::phone_number& phone, core::purpose why,
                               const std::string& owner) {
  const service::send_request request = sending(phone, why, owner);
  REQUIRE(outcome(call(verifications().send(who, request))) == (gateway.refuses() ? "gateway_failed" : "ok"));
  return last_code(phone);
}

std::string fixture::last_code(const core::phone_number& phone) const {
  const auto messages = gateway.messages_to(phone.e164());
  REQUIRE(!messages.empty());
  return messages.back().code;
}

service::signed_in fixture::log_in(const client& who, const core::phone_number& phone, bool create) {
  const std::string code = send_code(who, phone, core::purpose::login);
  const service::code_login_request request = login_with(phone, code, create);
  auto done = call(accounts().login_by_code(who, request));
  REQUIRE(outcome(done) == "ok");
  REQUIRE(done->session);
  return std::move(*done->session);
}

service::signed_in fixture::register_with(const client& who, const core::phone_number& phone,
                                          std::string_view password) {
  const std::string code = send_code(who, phone, core::purpose::register_account);
  const service::registration_request request = registration_with(phone, code, password);
  auto done = call(accounts().register_account(who, request));
  REQUIRE(outcome(done) == "ok");
  return std::move(*done);
}

service::principal fixture::proved(const client& who, const service::token_set& tokens) {
  auto done = call(sessions().authenticate(who, tokens.access_token));
  REQUIRE(outcome(done) == "ok");
  return std::move(*done);
}

service::principal fixture::account_without_number(core::dialect where) {
  service::principal owner;
  owner.account.uid = owner.uid = call(node_->uids.next()).value();
  owner.account.public_id = crypto::random_hex(16);
  owner.session_id = crypto::random_hex(16);
  store::sessions::session_row row;
  row.id = owner.session_id;
  row.uid = owner.uid;
  row.dialect = core::to_string(where);
  row.access_expires_at = time.now() + core::ms_per_day;
  change([&](store::transaction& in) -> core::result<void> {
    store::accounts::create(in, owner.account).get();
    store::sessions::create(in, row).get();
    return {};
  });
  return owner;
}

core::result<service::signed_in> fixture::password_login(const client& who, const core::phone_number& phone,
                                                         std::string_view password) {
  const service::password_login_request request(phone, password);
  return call(accounts().login_by_password(who, request));
}

long long fixture::number_of(const std::string& what, const std::string& table, const core::phone_number& phone) const {
  return number("SELECT " + what + " FROM " + table + " WHERE phone = '" + phone.e164() + "'");
}

long long fixture::number(const std::string& query) const {
  return sql().number(query);
}

std::string fixture::text(const std::string& query) const {
  return sql().text(query);
}

fresh_database& fixture::shared_mariadb() {
  static fresh_database shared(store::sql_flavor::mysql);
  return shared;
}

void fixture::write(const std::function<void(store::transaction&)>& work) {
  auto unit = [&work](store::transaction& in) -> core::result<void> {
    work(in);
    return {};
  };
  const auto run = [](service::database_lanes& lanes, auto& what) -> runtime::awaitable<core::result<void>> {
    auto done = co_await lanes.write("test", what);
    co_return done;
  };
  REQUIRE(outcome(call(run(node_->lanes, unit))) == "ok");
}

void with_services(const std::function<void(fixture&)>& body, const set_up& wanted) {
  for (const store::sql_flavor flavor : {store::sql_flavor::sqlite, store::sql_flavor::mysql}) {
    if (flavor == store::sql_flavor::mysql && !has_mysql()) continue;
    const std::string engine = name_of(flavor);
    CAPTURE(engine);
    fixture services(flavor, wanted);
    body(services);
  }
}

}  // namespace smsauth::test
