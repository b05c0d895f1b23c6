#pragma once

/// What must survive a crash.

#include "mplane/store/journal_file.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/store/spool.hpp"
#include "mplane/store/state_folder.hpp"
#include "mplane/store/sync.hpp"
