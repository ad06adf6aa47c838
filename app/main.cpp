// smsauthd: sends SMS verification codes, checks them once, keeps the accounts behind them.
//
//   POST /api/sms/send, /api/sms/verify, /api/refresh-token                           dialect discuzq
//   /api/v4.0/ sendsms/{mobile} isregister/{phone} register login verify_code forget_password    dialect v4
//   POST /api/Smssend/doSend, /api/user/…, /api/Systeminfo/CountryCode                dialect smssend
//   POST /module/main/ send_code register login reset_password                        dialect module
//   GET|POST /receipts/NAME/SECRET; GET /.well-known/jwks.json
//   admin listener: GET /healthz, /readyz, /metrics, /deliveries; POST /messages
#include "app/application.hpp"
#include "app/descriptor_limit.hpp"
#include "app/gateways.hpp"
#include "app/options.hpp"
#include "app/process_memory.hpp"
#include "app/report_commands.hpp"
#include "service/keyring.hpp"
#include "store/migration.hpp"
#include "store/sql_error.hpp"
#include "telemetry/log.hpp"

#include <boost/system/system_error.hpp>

#include <exception>
#include <iostream>
#include <sys/stat.h>
#include <system_error>

namespace {

constexpr int exit_failure = 1;

int run_command(const smsauth::app::settings& config) {
  using smsauth::app::command;
  namespace app = smsauth::app;
  switch (config.command) {
    case command::help:
      app::print_help(std::cout);
      return 0;
    case command::version:
      std::cout << "smsauthd " << SMSAUTH_VERSION << '\n';
      return 0;
    case command::check_config:
      app::check_gateways(config);
      app::print_effective(std::cout, config);
      return 0;
    case command::migrate:
      return app::run_migrate(config);
    case command::rotate_keys:
      return app::run_rotate_keys(config);
    case command::messages:
      return app::run_messages(config);
    case command::deliveries:
      return app::run_deliveries(config);
    case command::serve:
      break;
  }
  app::settle_allocator();
  if (config.profile != app::profile::dev) app::keep_memory_private();
  smsauth::telemetry::start_log(config.log);
  app::application server(config);
  return server.run();
}

int complain(const std::string& line, int code) {
  smsauth::telemetry::stop_log();
  std::cerr << "smsauthd: " << line << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv, char** envp) {
  namespace app = smsauth::app;
  app::raise_descriptor_limit();
  ::umask(077);  // database, spool, key: the files of this process are its owner's alone
  try {
    const int code = run_command(app::parse_options(argc, argv, app::process_environment(envp)));
    smsauth::telemetry::stop_log();
    return code;
  } catch (const app::configuration_error& error) {
    return complain(error.what(), app::exit_bad_configuration);
  } catch (const smsauth::service::wrong_master_key& error) {
    return complain(std::string("secret-file: ") + error.what(), app::exit_bad_configuration);
  } catch (const smsauth::store::schema_too_new& error) {
    return complain(std::string("db: ") + error.what(), exit_failure);
  } catch (const smsauth::store::sql_error& error) {
    // The engine's number only: its text holds values.
    return complain(
        std::string("db: ") + error.what() + ", error " + std::to_string(error.number()) + " at " + error.statement(),
        exit_failure);
  } catch (const std::system_error& error) {
    return complain(error.what(), exit_failure);
  } catch (const std::exception&) {
    return complain("stopped by an unexpected exception", exit_failure);
  }
}
