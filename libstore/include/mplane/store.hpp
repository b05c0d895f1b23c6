#pragma once

/// What must survive a crash.
