#include "question_key.hpp"

#include "mplane/model/detail/random_bytes.hpp"
#include "mplane/model/error.hpp"
#include "mplane/store/state_folder.hpp"
#include "mplane/tools/key_files.hpp"

#include <cstddef>

namespace mplane {
namespace {

using std::filesystem::perms;

constexpr std::size_t kBytes = 32;

/// Whoever has the key knows the token of what is asked, and can fetch its result.
void require_private(const std::filesystem::path& file) {
  const perms others = perms::group_all | perms::others_all;
  if ((std::filesystem::status(file).permissions() & others) == perms::none) return;
  throw Error(ErrorKind::Configuration, file.string(),
              "is open to others than its owner: chmod 600, or remove it");
}

}  // namespace

std::string question_key(const std::filesystem::path& folder) {
  make_state_folder(folder);
  const std::filesystem::path file = folder / "question.key";
  if (!std::filesystem::exists(file)) {
    write_key_files({{file, detail::random_bytes(kBytes)}}, true);
  }
  require_private(file);
  std::string key = read_key_file(file);
  if (key.size() >= kBytes) return key;
  throw Error(ErrorKind::Configuration, file.string(),
              "is too short to be a key: remove it, and what is under way now is asked anew");
}

}  // namespace mplane
