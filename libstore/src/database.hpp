#pragma once

#include "mplane/model/error.hpp"
#include "mplane/store/sync.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace mplane::detail {

/// One prepared statement of a Database, used over and over. One thread at a time.
///
///     insert.run(owner, token, 5);
///     for (select.start(owner); select.step();) use(select.text(0));
class Query {
 public:
  Query(sqlite3* connection, std::string_view sql);
  Query(Query&&) noexcept = default;
  Query& operator=(Query&&) noexcept = default;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() = default;

  /// Binds all parameters, in order, and runs to the end. @throws Error{Unavailable} with SQLite's
  /// words: disk full, read-only, damaged.
  template <typename... Values>
  void run(const Values&... values) {
    start(values...);
    while (step()) {
    }
  }

  /// Binds all parameters; `step` then goes to the first row.
  template <typename... Values>
  void start(const Values&... values) {
    reset();
    int place = 0;
    (bind(++place, values), ...);
  }
  /// The same for as many texts as there are.
  void start_with(const std::vector<std::string>& texts) {
    reset();
    int place = 0;
    for (const std::string& text : texts) bind(++place, text);
  }
  /// Goes to the next row; false after the last, and the statement is reset.
  bool step();

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  /// The bytes of a cell, valid until the next step.
  std::string_view bytes(int column) const;
  bool is_null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  void reset() noexcept;
  void bind(int place, std::int64_t value);
  void bind(int place, std::string_view value);
  void bind(int place, const std::string& value) { bind(place, std::string_view(value)); }
  void bind(int place, const char* value) { bind(place, std::string_view(value)); }
  void bind(int place, bool value) { bind(place, std::int64_t{value}); }
  void bind(int place, int value) { bind(place, std::int64_t{value}); }
  void bind_null(int place);
  template <typename T>
  void bind(int place, const std::optional<T>& value) {
    if (value) {
      bind(place, *value);
    } else {
      bind_null(place);
    }
  }
  [[noreturn]] void fail() const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Opens a file to read what others write into it, if its tables have this version.
struct ToRead {
  std::int64_t version;
};

/// Who else may have a file open.
enum class Sharing : std::uint8_t {
  Alone,   ///< nobody, so that no memory has to be shared
  Shared,  ///< others that read, also in other processes
};

/// The connection to one SQLite file in WAL mode. One thread at a time.
class Database {
 public:
  /// Statements that make the tables: each leads from one version of their shape to the next, the
  /// first one from a new file.
  using Tables = std::initializer_list<const char*>;

  /// Opens or makes the file. Its directory must be there.
  /// @throws Error{Configuration} naming the file and why it cannot be used, also when its tables
  /// are newer than we know.
  Database(const std::filesystem::path& file, Sync sync, Tables tables = {},
           Sharing sharing = Sharing::Alone);
  /// Opens a file that is there, and never changes it.
  /// @throws Error{Configuration} naming the file and why it cannot be read, also when its tables
  /// have another version.
  Database(const std::filesystem::path& file, ToRead tables);

  Query prepare(std::string_view sql) { return {connection_.get(), sql}; }
  /// Runs statements without parameters. @throws Error{Unavailable}.
  void execute(const std::string& sql);

  void begin() { execute("BEGIN IMMEDIATE"); }
  void commit() { execute("COMMIT"); }
  /// From now on asks, now and then while a query looks for its next row, whether that is enough;
  /// then the query fails. Not any more after null. What is handed in must not throw.
  void ask_whether_enough(const std::function<bool()>* is_enough) noexcept;
  /// Never throws: what can't be rolled back is gone with the connection.
  void rollback() noexcept;

  /// The file's own number for the shape of its tables; 0 when new.
  std::int64_t schema_version();
  void set_schema_version(std::int64_t version);

 private:
  void open(int flags);
  void set_up(Sync sync, Sharing sharing);
  void bring_up_to_date(Tables tables);
  /// Tells what happened as the reason why the file cannot be used.
  [[noreturn]] void refuse(const Error& error);

  struct Close {
    void operator()(sqlite3* connection) const noexcept;
  };

  std::string file_;
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace mplane::detail
