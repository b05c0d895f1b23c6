// Feeds a fuzzer's harness every file of its corpus: the same inputs, without libFuzzer.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw std::runtime_error("cannot be read");
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " CORPUS-DIRECTORY\n";
    return 2;
  }
  std::filesystem::path current = argv[1];
  try {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
      if (!entry.is_regular_file()) continue;
      current = entry.path();
      replay(current);
      ++count;
    }
    std::cout << count << " inputs digested\n";
    if (count > 0) return 0;
    std::cerr << argv[1] << ": the corpus is empty\n";
  } catch (const std::exception& error) {
    std::cerr << current.string() << ": " << error.what() << "\n";
  }
  return 1;
}
