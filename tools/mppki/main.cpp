#include "authority.hpp"
#include "description.hpp"
#include "mplane/tools/run_main.hpp"

#include <iostream>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

namespace {

constexpr unsigned kMostDays = 36'500;

void add_validity(CLI::App& command, unsigned& days) {
  command.add_option("--days", days, "Days it is good for")
      ->type_name("NUMBER")
      ->check(CLI::Range(1U, kMostDays))
      ->capture_default_str();
}

CLI::App* add_init(CLI::App& app, mplane::InitRequest& request) {
  CLI::App* const command = app.add_subcommand("init", "Make an authority: ca.crt and ca.key");
  command->add_option("--dir", request.dir, "Folder of the authority; made if missing")
      ->type_name("FOLDER")
      ->required();
  command->add_option("--domain", request.domain, "Whose probes these are: example.org")
      ->type_name("DOMAIN")
      ->required();
  add_validity(*command, request.days);
  command->add_flag("--force", request.force, "Replace an authority that is there");
  return command;
}

CLI::App* add_issue(CLI::App& app, mplane::IssueRequest& request) {
  CLI::App* const command =
      app.add_subcommand("issue", "Issue a certificate and key: ROLE-NAME.crt and ROLE-NAME.key");
  command
      ->add_option("ROLE", request.role,
                   "component, client or supervisor; a client's cannot pass for a server's")
      ->required()
      ->check(CLI::IsMember({"component", "client", "supervisor"}));
  command->add_option("NAME", request.name, "Its name; the last part of its identity")->required();
  command->add_option("--dir", request.dir, "Folder of the authority")
      ->type_name("FOLDER")
      ->required();
  command->add_option("--dns", request.dns, "A host name it is reached under; repeatable")
      ->type_name("HOST")
      ->allow_extra_args(false);
  command->add_option("--ip", request.ips, "An address it is reached under; repeatable")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  add_validity(*command, request.days);
  command->add_flag("--force", request.force, "Replace files that are there");
  return command;
}

int run(const int argc, const char* const* const argv) {
  CLI::App app(
      "Makes the certificates by which mPlane's components, clients and supervisors know each "
      "other.",
      "mppki");
  app.set_version_flag("--version", std::string(mplane::version_text()), "Show the version");
  app.get_formatter()->label("TEXT", "");
  app.require_subcommand(1);
  mplane::InitRequest init;
  mplane::IssueRequest issue;
  std::string file;
  const CLI::App* const init_command = add_init(app, init);
  const CLI::App* const issue_command = add_issue(app, issue);
  CLI::App* const show =
      app.add_subcommand("show",
                         "Show a certificate: the identity that roles are given to, "
                         "validity, names");
  show->add_option("FILE", file, "Certificate, PEM")->required();
  app.footer(
      "Exit codes: 0 done, 1 internal error, 2 wrong usage or a file that cannot be used.\n"
      "Example:\n"
      "  mppki init --dir pki --domain example.org\n"
      "  mppki issue --dir pki component probe-1 --dns probe-1.example.org --ip 192.0.2.1\n"
      "  mppki show pki/component-probe-1.crt");
  if (const auto code = mplane::read_command_line(app, argc, argv)) return *code;

  if (init_command->parsed()) {
    std::cout << mplane::init_authority(init) << '\n';
  } else if (issue_command->parsed()) {
    std::cout << mplane::issue_certificate(issue) << '\n';
  } else {
    std::cout << mplane::describe_certificate(file);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return mplane::run_main("mppki", [&] { return run(argc, argv); });
}
